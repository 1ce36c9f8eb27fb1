"""Link guests with accounts.

A guest has one account, and an account is linked with none: an id is never more than one link away from the
others. Each link changes both streams in one transaction, so that of two links that contradict each other
one is repeated, and refused.
"""

from __future__ import annotations

from checkout_saga.customers.domain.customer import Customer, customer_stream_id
from checkout_saga.customers.domain.errors import CustomerExists, CustomerIsGuest
from checkout_saga.customers.use_cases import KnownCustomer, account_of, find_customer
from kernel.unit_of_work import UnitOfWork


async def link_guest(customer_id: str, guest_id: str, work: UnitOfWork) -> KnownCustomer:
    """Neither of them need have bought anything. The same link again changes nothing. Raises
    ``CustomerExists`` and ``CustomerIsGuest``."""
    streams = [customer_stream_id(work.context.tenant, it) for it in (customer_id, guest_id)]
    await work.preload((Customer, it) for it in streams)
    known = await find_customer(customer_id, work)
    account, guest = known.customer, (await find_customer(guest_id, work)).customer
    if customer_id == guest_id or account.is_guest or await account_of(customer_id, account, work):
        raise CustomerIsGuest("This customer is a guest, or linked with an account itself.")
    if guest.linked or await account_of(guest_id, guest, work) not in {None, customer_id}:
        raise CustomerExists("The guest of this address belongs to another account.")
    if guest_id not in account.linked:
        account.link(customer_id, guest_id)
        guest.join(guest_id, customer_id)
    return known
