"""The handlers of all timers, by their kinds."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from checkout_saga.checkout.fulfillment_timers import FULFILLMENT_TIMERS
from checkout_saga.checkout.use_cases.expiring import AUTHORIZATION_EXPIRY, give_up_authorization
from checkout_saga.checkout.use_cases.reviewing import end_review
from checkout_saga.checkout.workflow import CHECKOUTS, DEADLINE, REVIEW_END
from checkout_saga.fulfillment.seat_timers import SEAT_TIMERS
from checkout_saga.orders.return_timers import RETURN_TIMERS
from checkout_saga.reconciliation.use_cases.running import RECONCILE
from checkout_saga.subscriptions.subscription_timers import SUBSCRIPTION_TIMERS
from kernel.scheduling.timers import DueTimer, TimerHandler
from kernel.unit_of_work import UnitOfWork


async def _deadline(timer: DueTimer, work: UnitOfWork) -> None:
    await CHECKOUTS.on_deadline(timer.subject, work)


async def _authorization_ends(timer: DueTimer, work: UnitOfWork) -> None:
    await give_up_authorization(timer.subject, UUID(timer.payload["checkout_id"]), work)


async def _review_ends(timer: DueTimer, work: UnitOfWork) -> None:
    await end_review(timer.subject, work)


RECURRING = (RECONCILE,)
"""The kinds of timers that set themselves again and again: a move of the clock does not stop at them."""

TIMERS: Mapping[str, TimerHandler] = {
    DEADLINE: _deadline,
    AUTHORIZATION_EXPIRY: _authorization_ends,
    REVIEW_END: _review_ends,
    **FULFILLMENT_TIMERS,
    **RETURN_TIMERS,
    **SEAT_TIMERS,
    **SUBSCRIPTION_TIMERS,
}
