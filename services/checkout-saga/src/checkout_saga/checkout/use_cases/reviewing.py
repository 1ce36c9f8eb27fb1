"""People look at an attempt to pay before anything is sold: how the review begins, and how it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from checkout_saga.checkout.domain import waits
from checkout_saga.checkout.domain.actions import extend_holds
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.checkout_state import APPROVE
from checkout_saga.checkout.domain.errors import ReviewNotFound
from checkout_saga.checkout.domain.index_keys import OPEN_REVIEW, review_key
from checkout_saga.checkout.domain.step_names import CREATE_ORDER
from checkout_saga.checkout.use_cases.attempts import move_deadline, pay_until_now
from checkout_saga.checkout.use_cases.expiring import GIVEN_UP_BEFORE
from checkout_saga.checkout.workflow import CHECKOUTS, REVIEW_END, close_review
from checkout_saga.shop_settings.use_cases import find_settings
from kernel.process.state import Reason
from kernel.unit_of_work import UnitOfWork

APPROVED = "review_approved"
"""Why the deadline is moved once more."""
TIME_OVER = "The time for the review is over."
DECLINED = Reason("PAYMENT_DECLINED", "The payment was declined.")
"""Of a screening or a review: it names no rule."""


@dataclass(frozen=True, slots=True)
class DecideReview:
    """``removed``: the lines that are not sold."""

    checkout_id: UUID
    decision: str
    reason: str
    removed: tuple[str, ...] = ()


async def begin_due_review(checkout: Checkout, work: UnitOfWork) -> None:
    """Once the payment is authorized, if it is to be reviewed: no order is created before."""
    if checkout.awaits(CREATE_ORDER) and checkout.attempt_now.needs_review and not checkout.in_review:
        await begin_review(checkout, CREATE_ORDER, work)


async def begin_review(checkout: Checkout, step: str, work: UnitOfWork) -> None:
    """``step`` waits for it. It ends while there is still time to capture."""
    hours = (await find_settings(work)).current.review_time
    ends_at = checkout.capture_before
    until = min(work.now + hours, ends_at - GIVEN_UP_BEFORE) if ends_at else work.now + hours
    checkout.wait_for(waits.FRAUD_REVIEW, until, step)
    move_deadline(checkout, until + waits.CARRIED_OUT_WITHIN, waits.FRAUD_REVIEW, work)
    work.claim_key(OPEN_REVIEW, review_key(checkout), checkout.id)
    keep_for_review(checkout, until, work)


def keep_for_review(checkout: Checkout, until: datetime, work: UnitOfWork) -> None:
    """Set the timer of its end, and have the cart and the stock held meanwhile."""
    work.set_timer(REVIEW_END, checkout.id, until)
    for command, key in extend_holds(checkout, hold_stock=True, detach=False):
        work.send(command, key)


async def find_review(checkout_id: UUID, work: UnitOfWork) -> Checkout:
    """Raises ``ReviewNotFound``."""
    checkout = await work.open(Checkout, checkout_id)
    if checkout.review is None:
        raise ReviewNotFound("This checkout was never in review.")
    return checkout


async def decide_review(command: DecideReview, work: UnitOfWork) -> Checkout:
    """Raises ``ReviewNotFound``, ``ReviewClosed`` and ``NotRemovable``."""
    checkout = await find_review(command.checkout_id, work)
    await _end(checkout, command.decision, command.reason, work, work.context.actor, command.removed)
    return checkout


async def end_review(checkout_id: UUID, work: UnitOfWork) -> None:
    """At the end of its time it is decided by the shop's settings, unless it has been."""
    checkout = await work.open(Checkout, checkout_id)
    if checkout.in_review:
        settings = (await find_settings(work)).current
        await _end(checkout, settings.review_timeout, TIME_OVER, work)


async def open_reviews(work: UnitOfWork) -> Sequence[Checkout]:
    """The tenant's checkouts in review, by the beginnings of the reviews."""
    keys = await work.keys_with_prefix(OPEN_REVIEW, "")
    found = await work.open_many(Checkout, keys.values())
    in_order = [found[keys[key]] for key in sorted(keys)]
    return [it for it in in_order if it.in_review]


async def _end(
    checkout: Checkout,
    decision: str,
    reason: str,
    work: UnitOfWork,
    operator: str | None = None,
    removed: tuple[str, ...] = (),
) -> None:
    waiting = checkout.waiting
    pay_until = await pay_until_now(checkout.attempt_now.method, work) if decision == APPROVE else None
    checkout.decide_review(decision, reason, operator=operator, removed=removed, pay_until=pay_until)
    close_review(checkout, work)
    if decision == APPROVE and CHECKOUTS.workflow.is_expired(checkout, work.now):
        await CHECKOUTS.compensate(checkout, CHECKOUTS.workflow.reason_of_expiry(checkout), work)
    elif decision == APPROVE and waiting is not None:
        session_time = checkout.expires_at - checkout.started_at
        move_deadline(checkout, work.now + session_time, APPROVED, work)
        await CHECKOUTS.repeat(checkout, [waiting.step], work, tries=0)
    else:
        await CHECKOUTS.compensate(checkout, DECLINED, work)
