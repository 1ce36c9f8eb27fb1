"""What an operator may decide about a checkout, and when; each decision is a fact with name and reason."""

from __future__ import annotations

from checkout_saga.domain.checkout import Checkout
from checkout_saga.domain.errors import NotCompensatable, NotResolvable, NotRetriable
from checkout_saga.domain.workflow import AUTHORIZE, CAPTURE
from contracts import checkout as facts

DONE = "done"
"""The payment operation has happened; the other word is not_done."""


def retry(it: Checkout, operator: str, reason: str) -> list[str]:
    """Returns what is under way: the step at hand, or those that are being taken back."""
    under_way = [step for step in it.steps if it.awaits(step) or it.is_compensating(step)]
    if not under_way or it.status == "requires_action":
        raise NotRetriable("nothing waits for anybody but the customer", checkout_status=it.status)
    it.record(facts.OperatorRetried(operator=operator, reason=reason, steps=tuple(under_way)))
    return under_way


def give_up(it: Checkout, operator: str, reason: str, *, refund: bool) -> None:
    """It shall be taken back; behind the capture only by somebody who says that the money is to go back."""
    if not it.running:
        detail = "it is over, or being taken back already"
    elif CAPTURE in it.steps and not it.captured:
        detail = "nobody knows yet whether the money was taken: retry that, or resolve it"
    elif it.captured and not refund:
        detail = "the money has been taken: it goes on, unless it is to be refunded"
    else:
        it.record(facts.OperatorGaveUp(operator=operator, reason=reason, refund=refund))
        return
    raise NotCompensatable(detail, checkout_status=it.status)


def resolve(it: Checkout, operator: str, reason: str, outcome: str, reference: str | None) -> str:
    """Returns the step whose payment operation has ended like this. Only what has been found to be stuck: as
    long as the gateway may still tell by itself, nobody else does."""
    step = next((step for step in (CAPTURE, AUTHORIZE) if step in it.stuck and _moves_money(it, step)), None)
    if step is None:
        raise NotResolvable("no capture, void or refund waits for an operator", checkout_status=it.status)
    if it.is_compensating(step) and outcome != DONE:
        raise NotResolvable("it ends when the money is back, not before", checkout_status=it.status)
    it.record(
        facts.OperatorResolved(
            operator=operator,
            reason=reason,
            step=step,
            outcome=outcome,
            reference=reference,
        )
    )
    return step


def _moves_money(it: Checkout, step: str) -> bool:
    """An authorization that is asked for takes nothing: it can be asked for again, or given up."""
    return it.is_compensating(step) or (step == CAPTURE and it.awaits(step))
