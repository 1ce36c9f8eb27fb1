"""What a checkout would do next after each possible reply, computed by its own code and not stored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases.buying import cancel_checkout, confirm_action
from checkout_saga.checkout.use_cases.operating import compensate_saga, resolve_saga, retry_saga
from checkout_saga.checkout.use_cases.payment_outcomes import record_outcome, request_for
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.payments.domain.operation import (
    ActionNeeded,
    Declined,
    Done,
    Operation,
    Outcome,
    PaymentRequest,
    Unknown,
)
from contracts.envelope import Reply
from contracts.sale import Sale, SaleLine, Totals
from contracts.topics import FACTS
from kernel.domain import Refused
from kernel.process.workflow import Call, Send
from kernel.scheduling.retries import TRIES_BEFORE_OPERATOR
from kernel.store.pg_unit_of_work import PgUnitOfWork
from tests.proofs.simulation.exported import Exported
from tests.proofs.simulation.scheduler import finished

Act = Callable[[PgUnitOfWork], Awaitable[Any]]
MADE_UP = "made up for this replay"
NOTHING = "nothing"


class Decision(NamedTuple):
    """``then``: the facts, commands and timers that would follow; or the refusal; or the exception."""

    when: str
    then: tuple[str, ...]


def decisions(it: Exported) -> Iterator[Decision]:
    """First for the pending steps, then for the requests that customers and operators may send."""
    known = it.checkout()
    now = it.world.scheduler.now
    for step in known.under_way():
        match CHECKOUTS.workflow.action(known, step):
            case Send():
                yield from (_decided(it, *one, now) for one in _answers(known, step, now))
            case Call(kind, _):
                asked = request_for(known, Operation(kind), it.context.tenant)
                if asked:
                    yield from (_decided(it, *one, now) for one in _outcomes(asked))
    yield _decided(
        it, "the deadline passes", partial(CHECKOUTS.on_deadline, it.checkout_id), max(now, known.expires_at)
    )
    for who, act in _people(it):
        yield _decided(it, who, act, now)


def _answers(it: Checkout, step: str, now: datetime) -> Iterator[tuple[str, Act]]:
    """Every reply that the checkout accepts at this step."""
    for type_, reply in CHECKOUTS.workflow.outcomes.items():
        if reply.step == step and (reply.kind == "undone") is it.is_undoing(step):
            fact = _made_up(it, type_, step, now)
            yield f"{step}: {type_}", partial(_hear, fact)


def _outcomes(asked: PaymentRequest) -> Iterator[tuple[str, Act]]:
    """Every outcome of a call; an unknown one the first time, and when an operator is needed."""
    may_ask = asked.operation in {Operation.AUTHORIZE, Operation.CONFIRM}
    ends: list[tuple[str, Outcome, int]] = [
        ("is done", Done(MADE_UP, asked.amount), 0),
        ("is refused", Declined("DECLINED", MADE_UP), 0),
        *([("asks for the customer", ActionNeeded(MADE_UP, url=MADE_UP), 0)] if may_ask else []),
        ("times out, its outcome unknown", Unknown(MADE_UP), 0),
        (
            f"is unknown for the {TRIES_BEFORE_OPERATOR}th time",
            Unknown(MADE_UP),
            TRIES_BEFORE_OPERATOR - 1,
        ),
    ]
    for what, outcome, tries in ends:
        yield f"{asked.operation} {what}", partial(record_outcome, asked, outcome, tries)


def _people(it: Exported) -> Iterator[tuple[str, Act]]:
    yield "the customer cancels", partial(cancel_checkout, it.checkout_id)
    yield "the customer has been to the gateway", partial(confirm_action, it.checkout_id)
    yield "an operator retries", partial(retry_saga, it.checkout_id, reason=MADE_UP)
    yield "an operator compensates", partial(compensate_saga, it.checkout_id, reason=MADE_UP)
    by = partial(compensate_saga, it.checkout_id, reason=MADE_UP, refund=True)
    yield "an operator compensates with a refund", by
    for outcome in ("done", "not_done"):
        by = partial(resolve_saga, it.checkout_id, outcome=outcome, reason=MADE_UP)
        yield f"an operator has seen that it is {outcome}", by


def _decided(it: Exported, when: str, act: Act, now: datetime) -> Decision:
    work = it.node.store.open_within(now)
    work.switch_context(it.context)
    try:
        finished(act(work))
    except Refused as no:
        return Decision(when, (f"refused: {no.code}: {no.detail}",))
    except Exception as defect:  # any defect is a result: files are replayed to find them
        return Decision(when, (f"FAILS: {defect!r}",))
    save = work.collect()
    then = [f"{'records' if row.kind == 'fact' else 'asks'} {row.type}{_of(row.body)}" for row in save.rows]
    for (_, kind), timer in save.timers.items():
        then.append(f"strikes off {kind}" if timer is None else f"sets {kind} in {timer.due_at - now}")
    return Decision(when, tuple(then) or (NOTHING,))


async def _hear(fact: Reply, work: PgUnitOfWork) -> None:
    await CHECKOUTS.on_reply(fact, work)


def _of(body: bytes) -> str:
    return f" {body.decode()[:100]}"


def _made_up(it: Checkout, type_: str, step: str, now: datetime) -> Reply:
    """A reply of this type with valid fields."""
    totals = it.sale.totals if it.sale else Totals(subtotal=100, discount=0, shipping=0, tax=0, total=100)
    soon = now + timedelta(minutes=30)
    fields: dict[str, Any] = {
        "checkout_id": it.id,
        "step": step,
        "session_id": MADE_UP,
        "customer_id": it.customer_id,
        "code": "REFUSED",
        "detail": MADE_UP,
        "reason": MADE_UP,
        "digest": MADE_UP,
        "totals": totals,
        "held": (),
        "promotion_ids": (),
        "expires_at": soon,
        "lock_expires_at": soon,
        "sale": it.sale or _made_up_sale(it, totals),
    }
    fact = FACTS[type_].read(fields, it.id, 1, now)
    if not isinstance(fact, Reply):
        raise TypeError(f"{type_} is not a reply")
    return fact


def _made_up_sale(it: Checkout, totals: Totals) -> Sale:
    line = SaleLine(
        line_id=MADE_UP,
        product_id=it.id,
        product_type=MADE_UP,
        sku=MADE_UP,
        name=MADE_UP,
        quantity=1,
        unit_price=totals.total,
        discount=0,
        tax=0,
        total=totals.total,
    )
    return Sale(currency="USD", lines=(line,), discounts=(), totals=totals)
