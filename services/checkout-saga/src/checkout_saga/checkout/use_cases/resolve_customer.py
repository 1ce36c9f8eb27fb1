"""Find the customer of a checkout, or create one."""

from __future__ import annotations

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.customers.use_cases import resolve_customer as resolve
from kernel.unit_of_work import UnitOfWork


async def resolve_customer(checkout: Checkout, work: UnitOfWork) -> dict[str, object]:
    created = await resolve(checkout.customer_id, checkout.personal, work, guest=checkout.guest)
    return {"customer_id": checkout.customer_id, "created": created}
