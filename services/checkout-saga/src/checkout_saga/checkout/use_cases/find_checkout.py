"""Load a checkout by its id."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.errors import CheckoutNotFound
from kernel.unit_of_work import UnitOfWork


async def find_checkout(checkout_id: UUID, work: UnitOfWork) -> Checkout:
    """Raises ``CheckoutNotFound``."""
    checkout = await work.open(Checkout, checkout_id)
    if not checkout.exists:
        raise CheckoutNotFound("There is no such checkout.")
    return checkout
