"""The customer has changed their mind, or has run out of time."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.application.back import take_back, take_back_if_late
from checkout_saga.application.find_checkout import find_checkout
from checkout_saga.domain.checkout import Checkout
from kernel.work import Work


async def cancel_checkout(checkout_id: UUID, work: Work) -> Checkout:
    checkout = await find_checkout(checkout_id, work)
    checkout.check_cancellable()
    await take_back(checkout, work, "CHECKOUT_CANCELLED", "cancelled by the customer")
    return checkout


async def on_deadline(checkout_id: UUID, work: Work) -> None:
    await take_back_if_late(await work.open(Checkout, checkout_id), work)
