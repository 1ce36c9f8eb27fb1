"""The provider ends an authorization after some days: a checkout that waits that long gives it up before."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.step_names import CAPTURE
from checkout_saga.checkout.workflow import CHECKOUTS
from kernel.process.state import Reason
from kernel.unit_of_work import UnitOfWork

AUTHORIZATION_EXPIRY = "authorization_expiry"
"""The kind of the timer at which an authorization without capture is given up; its subject is the payment."""
GIVEN_UP_BEFORE = timedelta(hours=1)
"""Its end."""


def watch_authorization(checkout: Checkout, work: UnitOfWork) -> None:
    """Set the timer, if the authorization has an end and its capture has not begun with it."""
    ends_at = checkout.capture_before
    if checkout.running and ends_at is not None and CAPTURE not in checkout.steps:
        payload = {"checkout_id": str(checkout.id)}
        due_at = ends_at - GIVEN_UP_BEFORE
        work.set_timer(AUTHORIZATION_EXPIRY, checkout.attempt_now.payment_id, due_at, payload)


async def give_up_authorization(payment_id: UUID, checkout_id: UUID, work: UnitOfWork) -> None:
    """Compensate the checkout if it still has this authorization and no capture."""
    checkout = await work.open(Checkout, checkout_id)
    if not checkout.running or checkout.attempt_now.payment_id != payment_id or checkout.in_review:
        return  # a review ends at this time by itself
    if checkout.capture_before is not None and CAPTURE not in checkout.steps:
        reason = Reason("CAPTURE_FAILED", "The authorization ends too soon: AUTHORIZATION_EXPIRED.")
        await CHECKOUTS.compensate(checkout, reason, work)
