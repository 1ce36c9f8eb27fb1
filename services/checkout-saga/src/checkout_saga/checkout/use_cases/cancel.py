"""Cancel a checkout for its customer, or at its deadline."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases.compensate import compensate, compensate_if_expired
from checkout_saga.checkout.use_cases.find_checkout import find_checkout
from kernel.unit_of_work import UnitOfWork


async def cancel_checkout(checkout_id: UUID, work: UnitOfWork) -> Checkout:
    checkout = await find_checkout(checkout_id, work)
    checkout.check_cancellable()
    await compensate(checkout, work, "CHECKOUT_CANCELLED", "The customer cancelled the checkout.")
    return checkout


async def on_deadline(checkout_id: UUID, work: UnitOfWork) -> None:
    await compensate_if_expired(await work.open(Checkout, checkout_id), work)
