"""Who has bought: as the request of the checkout said it, encrypted."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from kernel.unit_of_work import UnitOfWork


async def personal_of(checkout_id: UUID, work: UnitOfWork) -> str:
    return (await work.open(Checkout, checkout_id)).personal
