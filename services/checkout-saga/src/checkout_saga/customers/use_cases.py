"""Find a customer, or create one; keep what is known of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from checkout_saga.customers.domain.customer import Contact, Customer, Profile, customer_stream_id
from kernel.unit_of_work import UnitOfWork


class KnownCustomer(NamedTuple):
    """A customer with the id that other systems know it by."""

    customer_id: str
    customer: Customer

    @property
    def version(self) -> int:
        return self.customer.version


async def resolve_customer(customer_id: str, personal: str, work: UnitOfWork, *, guest: bool) -> bool:
    """Returns whether the customer was created. ``personal`` is encrypted; that of a known customer is kept
    as it was."""
    customer = (await find_customer(customer_id, work)).customer
    created = not customer.created
    customer.create(personal, guest=guest)
    return created


async def find_customer(customer_id: str, work: UnitOfWork) -> KnownCustomer:
    """Of a customer that nothing is known of: with an empty profile."""
    stream = customer_stream_id(work.context.tenant, customer_id)
    return KnownCustomer(customer_id, await work.open(Customer, stream))


async def ids_of(customer_id: str, work: UnitOfWork) -> tuple[str, ...]:
    """The ids of the person that has this one: the account's first, then those of its guests."""
    customer = (await find_customer(customer_id, work)).customer
    account_id = await account_of(customer_id, customer, work)
    if account_id is not None:
        customer = (await find_customer(account_id, work)).customer
    return (account_id or customer_id, *customer.linked)


async def account_of(customer_id: str, customer: Customer, work: UnitOfWork) -> str | None:
    """The account that a guest is linked with; erasing the account has ended the link."""
    if customer.account_id is None:
        return None
    account = (await find_customer(customer.account_id, work)).customer
    return customer.account_id if customer_id in account.linked else None


async def change_profile(customer_id: str, profile: Profile, work: UnitOfWork) -> KnownCustomer:
    known = await find_customer(customer_id, work)
    known.customer.change_profile(customer_id, profile)
    return known


async def choose_messages(
    customer_id: str, preferences: Mapping[str, bool], work: UnitOfWork
) -> KnownCustomer:
    known = await find_customer(customer_id, work)
    known.customer.choose(customer_id, preferences)
    return known


async def set_contact(
    customer_id: str, contact: Contact, work: UnitOfWork, *, same_as: str | None = None
) -> KnownCustomer:
    """``same_as``: an earlier text that decrypts to the same as the contact's. It is kept, so that a contact
    that is set again leaves no fact: the same data is encrypted differently each time."""
    known = await find_customer(customer_id, work)
    before = known.customer.contact
    if before and before.personal == same_as:
        contact = Contact(before.personal, contact.recovery, contact.locale)
    known.customer.set_contact(customer_id, contact)
    return known
