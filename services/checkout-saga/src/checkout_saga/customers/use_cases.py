"""Find a customer, or create one."""

from __future__ import annotations

from checkout_saga.customers.domain.customer import Customer, customer_stream_id
from kernel.unit_of_work import UnitOfWork


async def resolve_customer(customer_id: str, personal: str, work: UnitOfWork, *, guest: bool) -> bool:
    """Returns whether the customer was created. ``personal`` is encrypted; that of a known customer is kept
    as it was."""
    customer = await work.open(Customer, customer_stream_id(work.context.tenant, customer_id))
    created = not customer.exists
    customer.create(personal, guest=guest)
    return created
