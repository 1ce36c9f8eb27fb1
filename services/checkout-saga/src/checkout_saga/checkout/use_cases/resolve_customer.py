"""Find the customer, or create one."""

from __future__ import annotations

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.customers.domain.customer import Customer, customer_stream_id
from kernel.unit_of_work import UnitOfWork


async def resolve_customer(checkout: Checkout, work: UnitOfWork) -> dict[str, object]:
    customer = await work.open(Customer, customer_stream_id(work.context.tenant, checkout.customer_id))
    created = not customer.exists
    if created:
        customer.create(checkout.personal, guest=checkout.guest)
    return {"customer_id": checkout.customer_id, "created": created}
