"""Reviews of payments: what operators decide, and the rules that hold for every payment that is screened.

V1: money is captured only if the screening or a review has let the attempt pass. V2: a payment that was
declined in a review, by people or by time, sells nothing: the checkout fails, the authorization is given
back, and no stock is held. V3: a review ends in time, once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from checkout_saga.checkout.use_cases.reviewing import DecideReview, decide_review
from checkout_saga.fraud.domain.rules import DENY, REVIEW, TENANTS
from checkout_saga.fraud.domain.signals import AMOUNT, ATTEMPT, CUSTOMER
from checkout_saga.fraud.use_cases.changing import change_rules
from checkout_saga.payments.domain.names import payment_id_of
from contracts.fraud_rules import FraudRule
from contracts.screening import Screening
from kernel.ids import derive_id
from kernel.store.pg_unit_of_work import PgUnitOfWork
from tests.proofs.simulation.ledger import Entry
from tests.proofs.simulation.services import CHECKOUT, OFFER
from tests.proofs.simulation.workload import Purchase, Workload

if TYPE_CHECKING:
    from tests.proofs.simulation.world import World

Act = Callable[[PgUnitOfWork], Awaitable[UUID]]
Facts = Sequence[Mapping[str, Any]]
WAITING, DECIDED = "checkout.waiting_began", "checkout.review_decided"
SCREENED, GIVEN_UP = "checkout.screened", "checkout.compensation_started"
ATTEMPTED = "checkout.payment_attempted"
ENDS = {"checkout.completed", "checkout.failed"}
HELD = {"reservation.made", "reservation.extended", "reservation.confirmed"}
LET_GO = {"reservation.released", "reservation.expired"}
GRACE = timedelta(minutes=5)
"""A review ends so long after its time at the latest, or after the end of the faults."""
IN_REVIEW, APPROVE = "fraud_review", "approve"
PASSING = {("allow", None), ("review", APPROVE)}
"""Decisions of the screening, and of the review that follows, after which money may be captured."""


def _after(attempts: int, decision: str) -> FraudRule:
    return FraudRule(
        id=f"after {attempts}",
        enabled=True,
        signal=ATTEMPT,
        dimension=CUSTOMER,
        window_seconds=86_400,
        threshold=attempts,
        decision=decision,
    )


RULES = {
    "all": (FraudRule(id="all", enabled=True, signal=AMOUNT, decision=REVIEW),),
    "second": (_after(1, REVIEW), _after(2, DENY)),
}
"""The fraud rules of shops, by their names in the workload."""


def with_rules(which: str) -> Act:
    async def act(work: PgUnitOfWork) -> UUID:
        return (await change_rules(RULES[which], work)).id

    return act


def screening_of(workload: Workload, tenant: str, customer: str) -> Screening | None:
    """What a customer's payments are recognised by; None: the shop does not screen them."""
    if not workload.rules:
        return None
    return Screening(mode="on", values={CUSTOMER: derive_id(derive_id(TENANTS, tenant), customer)})


def reviewed(it: Purchase, checkout_id: UUID) -> Iterator[Act]:
    """What operators do about a review; each has a request of its own."""
    decisions = (APPROVE, "decline") if it.review == "both" else (it.review,) if it.review else ()
    return (_decided(checkout_id, one) for one in decisions)


def _decided(checkout_id: UUID, decision: str) -> Act:
    async def act(work: PgUnitOfWork) -> UUID:
        return (await decide_review(DecideReview(checkout_id, decision, "it looks so"), work)).id

    return act


def waits_for_review(facts: Facts) -> bool:
    """Whether the latest thing that the checkout began to wait for is a review."""
    latest = next((it for it in reversed(facts) if it["type"] == WAITING), None)
    return latest is not None and _body(latest)["waiting_for"] == IN_REVIEW


def look_at_capture(world: World, entry: Entry) -> None:
    """Check V1 when the gateway captures money."""
    checkout = world.ledger.checkouts.get((entry.merchant, entry.payment_id))
    if entry.status != "captured" or checkout is None:
        return
    facts = world.databases[CHECKOUT].streams[UUID(checkout)]
    if not _body(facts[0]).get("screening"):
        return
    attempt = _attempt_of(UUID(checkout), entry.payment_id, facts)
    screened, decided = (_decision(facts, type_, attempt) for type_ in (SCREENED, DECIDED))
    if (screened, decided) not in PASSING:
        world.broken("V1", f"{entry.payment_id} is captured; screening: {screened}, review: {decided}")


def look_at_reviews(world: World, healed: datetime) -> None:
    """Check V2 and V3 at the end of a run. ``healed``: the end of the faults."""
    held = _held(world)
    for checkout_id, facts in world.databases[CHECKOUT].streams.items():
        if facts[0]["type"] != "checkout.started":
            continue
        _look_at_times(world, checkout_id, facts, healed)
        decisions = [_body(it) for it in facts if it["type"] == DECIDED]
        if any(it["decision"] != APPROVE for it in decisions):
            _look_at_declined(world, checkout_id, facts, is_held=str(checkout_id) in held)
        times = Counter(it["attempt"] for it in decisions)
        if twice := [attempt for attempt, number in times.items() if number > 1]:
            world.broken("V3", f"checkout {checkout_id}: reviews of attempts {twice} were decided twice")


def _look_at_declined(world: World, checkout_id: UUID, facts: Facts, *, is_held: bool) -> None:
    wrong = []
    if facts[-1]["type"] != "checkout.failed":
        wrong.append(f"it stands at {facts[-1]['type']}")
    for place, checkout in world.ledger.checkouts.items():
        payment = world.ledger.payments[place]
        if checkout == str(checkout_id) and payment.status == "authorized":
            wrong.append(f"{place[1]} is still authorized")
        if checkout == str(checkout_id) and payment.captured != payment.refunded:
            wrong.append(f"{place[1]} keeps {payment.captured - payment.refunded}")
    if is_held:
        wrong.append("its stock is held")
    if wrong:
        world.broken("V2", f"checkout {checkout_id} was declined in a review: {', '.join(wrong)}")


def _look_at_times(world: World, checkout_id: UUID, facts: Facts, healed: datetime) -> None:
    ending = ENDS | {DECIDED, GIVEN_UP}
    for at, it in enumerate(facts):
        if it["type"] != WAITING or _body(it)["waiting_for"] != IN_REVIEW:
            continue
        limit = max(datetime.fromisoformat(_body(it)["until"]), healed) + GRACE
        end = next((later["recorded_at"] for later in facts[at:] if later["type"] in ending), None)
        if end is None or end > limit:
            world.broken("V3", f"checkout {checkout_id} is in review until {end}, beyond {limit}")


def _held(world: World) -> set[str]:
    """The checkouts whose reservations hold stock at the end of the run. What was let go stays so: a command
    that is repeated after that gets its old reply, which holds nothing."""
    held: set[str] = set()
    for facts in world.databases[OFFER].streams.values():
        types = {it["type"] for it in facts}
        if types & HELD and not types & LET_GO:
            held.add(str(_body(facts[-1]).get("checkout_id")))
    return held


def _attempt_of(checkout_id: UUID, payment_id: str, facts: Facts) -> int:
    if payment_id == str(payment_id_of(checkout_id)):
        return 1
    attempts = (_body(it) for it in facts if it["type"] == ATTEMPTED)
    return next(int(it["attempt"]) for it in attempts if it["payment_id"] == payment_id)


def _decision(facts: Facts, type_: str, attempt: int) -> str | None:
    bodies = (_body(it) for it in facts if it["type"] == type_)
    return next((it["decision"] for it in bodies if it["attempt"] == attempt), None)


def _body(fact: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(fact["body"])
    return body
