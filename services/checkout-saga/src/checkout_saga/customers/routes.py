"""The routes of customers: the person, the profile, the addresses for messages, and the guests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import Response

from checkout_saga.customers import use_cases
from checkout_saga.customers.domain.customer import Contact
from checkout_saga.customers.domain.errors import (
    CustomerExists,
    CustomerIsGuest,
    CustomerNotFound,
    InvalidEmail,
    InvalidTaxId,
)
from checkout_saga.customers.domain.mailbox import mailbox_of
from checkout_saga.customers.linking import link_guest
from checkout_saga.customers.register import Register, find_known
from checkout_saga.customers.schemas import (
    ContactView,
    CustomerChange,
    CustomerId,
    CustomerProfile,
    CustomerView,
    GuestLink,
    LinkView,
    NewContact,
    NewCustomer,
    PersonView,
    Preferences,
    PreferencesView,
    show_contact,
    show_customer,
    show_link,
    show_person,
    show_preferences,
)
from checkout_saga.customers.use_cases import find_customer
from checkout_saga.customers.vault import Vault
from contracts.roles import SERVICES, SHOPPERS
from kernel.context import Context
from kernel.http.dependencies import Read, Write
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class _Handlers:
    store: EventStore
    vault: Vault
    test_environment: bool

    async def enter_customer(self, body: NewCustomer, write: Write) -> Response:
        """Enter a person. If the address is known, the answer is that customer, unchanged, with status
        200."""
        mailbox = mailbox_of(body.email, test_environment=self.test_environment, field=("email",))
        person = body.person

        async def act(work: UnitOfWork) -> Result:
            known, is_new = await Register(self.vault).enter(body.id, mailbox, person, work)
            return Result(show_customer(known, work.now), known.version, 201 if is_new else 200)

        return await write.run(act)

    async def get_customer(self, customer_id: CustomerId, read: Read) -> Response:
        """A customer, with what is known of the person."""

        async def act(work: UnitOfWork) -> Result:
            known = await find_known(customer_id, work)
            person = (await Register(self.vault).data_of(known, work)).get("customer", {})
            return Result(show_person(known, person), known.version)

        return await read.run(act)

    async def change_customer(self, customer_id: CustomerId, body: CustomerChange, write: Write) -> Response:
        """Change what is known of the person. The answer does not repeat it."""
        mailbox, changes = None, body.person
        if "email" in body.model_fields_set:
            mailbox = mailbox_of(body.email, test_environment=self.test_environment, field=("email",))

        async def act(work: UnitOfWork) -> Result:
            write.check((await find_known(customer_id, work)).customer)
            known = await Register(self.vault).change(customer_id, changes, mailbox, work)
            return Result(show_customer(known, work.now), known.version)

        return await write.run(act)

    async def choose_messages(self, customer_id: CustomerId, body: Preferences, write: Write) -> Response:
        """Replace the choice of messages. The customer need not have bought anything before."""

        async def act(work: UnitOfWork) -> Result:
            write.check((await find_customer(customer_id, work)).customer)
            known = await use_cases.choose_messages(customer_id, body.model_dump(), work)
            return Result(show_preferences(known, work.now), known.version)

        return await write.run(act)

    async def change_profile(self, customer_id: CustomerId, body: CustomerProfile, write: Write) -> Response:
        """Replace the customer's profile. The customer need not have bought anything before."""

        async def act(work: UnitOfWork) -> Result:
            write.check((await find_customer(customer_id, work)).customer)
            known = await use_cases.change_profile(customer_id, body.profile, work)
            return Result(show_customer(known, work.now), known.version)

        return await write.run(act)

    async def set_contact(self, body: NewContact, write: Write) -> Response:
        """Keep, encrypted, where messages about carts go, and whether the customer agrees to them. Name the
        answer's customer_id to the cart (PUT /v1/carts/{cart_id}/customer)."""
        mailbox = mailbox_of(body.email, test_environment=self.test_environment, field=("email",))
        customer_id = body.customer_id or self.vault.guest(write.context.tenant, mailbox.identity)
        person = {"email": mailbox.address} | ({"name": body.name} if body.name else {})
        same_as = await self._known_contact(write.context, customer_id, person)
        (sealed,) = await self.vault.seal(write.context.tenant, customer_id, person)
        contact = Contact(sealed, body.recovery, body.locale)

        async def act(work: UnitOfWork) -> Result:
            write.check((await find_customer(customer_id, work)).customer)
            known = await use_cases.set_contact(customer_id, contact, work, same_as=same_as)
            return Result(show_contact(known, work.now), known.version)

        return await write.run(act)

    async def link_guest(self, customer_id: CustomerId, body: GuestLink, write: Write) -> Response:
        """Count and list the orders of the guest with this address as the customer's, earlier and later ones.
        The caller vouches that the address is the customer's."""
        mailbox = mailbox_of(body.guest_email, test_environment=self.test_environment, field=("guest_email",))
        guest_id = self.vault.guest(write.context.tenant, mailbox.identity)

        async def act(work: UnitOfWork) -> Result:
            write.check((await find_customer(customer_id, work)).customer)
            known = await link_guest(customer_id, guest_id, work)
            return Result(show_link(known, guest_id), known.version)

        return await write.run(act)

    async def _known_contact(self, context: Context, customer_id: str, person: dict[str, str]) -> str | None:
        """The encrypted contact as it is, if it says the same about the person."""
        known = await self.store.run(context, partial(find_customer, customer_id))
        contact = known.customer.contact
        if contact is None:
            return None
        opened = await self.vault.open(context.tenant, customer_id, contact.personal)
        return contact.personal if opened == person else None


TO_LINK = (InvalidEmail, CustomerExists, CustomerIsGuest)
TO_ENTER = (*TO_LINK, InvalidTaxId)
KNOWN: dict[int | str, dict[str, Any]] = {
    200: {"model": CustomerView, "description": "The customer who has this address."}
}
ALL = "/v1/customers"
BY_ID = "/v1/customers/{customer_id}"


def table(store: EventStore, vault: Vault, *, test_environment: bool) -> RouteTable:
    do = _Handlers(store, vault, test_environment)
    return RouteTable(
        "customers",
        (
            Route("POST", ALL, do.enter_customer, SERVICES, CustomerView, TO_ENTER, 201, responses=KNOWN),
            Route("GET", BY_ID, do.get_customer, SERVICES, PersonView, (CustomerNotFound,)),
            Route("PATCH", BY_ID, do.change_customer, SERVICES, CustomerView, (CustomerNotFound, *TO_ENTER)),
            Route("PUT", BY_ID, do.change_profile, SERVICES, CustomerView),
            Route("PUT", f"{BY_ID}/preferences", do.choose_messages, SERVICES, PreferencesView),
            Route("POST", f"{BY_ID}/link", do.link_guest, SERVICES, LinkView, TO_LINK),
            Route("PUT", "/v1/contacts", do.set_contact, SHOPPERS, ContactView, (InvalidEmail,)),
        ),
    )
