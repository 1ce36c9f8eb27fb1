"""The shop's register of persons: one customer for each e-mail address, which is kept encrypted.

The address is a unique key by its pseudonym, so that it stands nowhere in the clear. The facts say that a
customer holds the key, and not which: that follows from the encrypted address, so that an erasure leaves
nothing that names the address.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from checkout_saga.customers.domain.customer import Customer
from checkout_saga.customers.domain.errors import CustomerExists, CustomerIsGuest, CustomerNotFound
from checkout_saga.customers.domain.mailbox import Mailbox, mailbox_of
from checkout_saga.customers.use_cases import KnownCustomer, find_customer
from checkout_saga.customers.vault import Vault
from kernel import ids
from kernel.unit_of_work import UnitOfWork

CUSTOMER_EMAIL = "customer_email"
"""Kind of the unique key of a customer's address; the value is the pseudonym of the mailbox."""

Person = Mapping[str, Any]
"""``email``, and what else is known of ``name``, ``phone``, ``locale`` and ``tax_id``."""


class Registered(NamedTuple):
    known: KnownCustomer
    is_new: bool


class Register:
    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def enter(
        self, customer_id: str | None, mailbox: Mailbox, person: Person, work: UnitOfWork
    ) -> Registered:
        """The customer with this address; if there is none, the named one or a new one gets it. Raises
        ``CustomerExists`` and ``CustomerIsGuest``."""
        name = self._vault.guest(work.context.tenant, mailbox.identity)
        owner = await work.owner_of_key(CUSTOMER_EMAIL, name)
        if owner is not None:
            holder = await work.open(Customer, owner)
            if customer_id not in {None, holder.customer_id}:
                raise CustomerExists("Another customer has this address.")
            return Registered(KnownCustomer(holder.customer_id or "", holder), is_new=False)
        known = await find_customer(customer_id or str(ids.new_id()), work)
        self._check_account(known, name)
        before = await self.data_of(known, work)
        if await self.key_of(known.customer, before, work):
            raise CustomerExists("This customer has another address.")
        work.claim_key(CUSTOMER_EMAIL, name, known.customer.id)
        await self._record(known, before, {**person, "email": mailbox.address}, work, registered=True)
        return Registered(known, is_new=True)

    async def change(
        self, customer_id: str, changes: Person, mailbox: Mailbox | None, work: UnitOfWork
    ) -> KnownCustomer:
        """``changes``: None removes a value. The person must have been entered, or have bought. Raises
        ``CustomerNotFound``, ``CustomerExists`` and ``CustomerIsGuest``."""
        known = await find_known(customer_id, work)
        if not known.customer.created:
            raise CustomerNotFound("Nothing is known of this person.")
        before = await self.data_of(known, work)
        registered = known.customer.registered
        if mailbox is not None:
            await self._change_key(known, before, mailbox, work)
            changes, registered = {**changes, "email": mailbox.address}, True
        await self._record(known, before, changes, work, registered=registered)
        return known

    async def data_of(self, known: KnownCustomer, work: UnitOfWork) -> dict[str, Any]:
        """The decrypted record: ``customer``, and the addresses of the first checkout. Empty without one."""
        if not known.customer.personal:
            return {}
        opened = await self._vault.open(work.context.tenant, known.customer_id, known.customer.personal)
        return opened or {}

    async def key_of(self, customer: Customer, data: Mapping[str, Any], work: UnitOfWork) -> str | None:
        """The value of the address's unique key, if this customer holds it. ``data``: as by ``data_of``."""
        name = self._name_of(data, work)
        if name is None:
            return None
        return name if await work.owner_of_key(CUSTOMER_EMAIL, name) == customer.id else None

    async def hold_again(self, customer: Customer, work: UnitOfWork) -> None:
        """Claim the key of a customer whose facts have been recovered, if the address can be read."""
        if customer.registered and customer.customer_id is not None:
            known = KnownCustomer(customer.customer_id, customer)
            name = self._name_of(await self.data_of(known, work), work)
            if name is not None:
                work.claim_key(CUSTOMER_EMAIL, name, customer.id)

    def _name_of(self, data: Mapping[str, Any], work: UnitOfWork) -> str | None:
        email = data.get("customer", {}).get("email")
        if email is None:
            return None
        # it was accepted in its environment before
        mailbox = mailbox_of(email, test_environment=True)
        return self._vault.guest(work.context.tenant, mailbox.identity)

    async def _change_key(
        self, known: KnownCustomer, before: Mapping[str, Any], mailbox: Mailbox, work: UnitOfWork
    ) -> None:
        name = self._vault.guest(work.context.tenant, mailbox.identity)
        self._check_account(known, name)
        owner = await work.owner_of_key(CUSTOMER_EMAIL, name)
        if owner == known.customer.id:
            return
        if owner is not None:
            raise CustomerExists("Another customer has this address.")
        if held := await self.key_of(known.customer, before, work):
            work.release_key(CUSTOMER_EMAIL, held)
        work.claim_key(CUSTOMER_EMAIL, name, known.customer.id)

    @staticmethod
    def _check_account(known: KnownCustomer, name: str) -> None:
        """A guest's id is the pseudonym itself."""
        if known.customer.is_guest or known.customer_id == name:
            raise CustomerIsGuest("The id of a guest follows from the address.")

    async def _record(
        self,
        known: KnownCustomer,
        before: Mapping[str, Any],
        changes: Person,
        work: UnitOfWork,
        *,
        registered: bool,
    ) -> None:
        person = {**before.get("customer", {}), **changes}
        after = {**before, "customer": {name: it for name, it in person.items() if it is not None}}
        if after == before and registered == known.customer.registered:
            return
        (sealed,) = await self._vault.seal(work.context.tenant, known.customer_id, after)
        if known.customer.created:
            known.customer.change(known.customer_id, sealed, registered=registered)
        else:
            known.customer.create(sealed, guest=False, customer_id=known.customer_id)


async def find_known(customer_id: str, work: UnitOfWork) -> KnownCustomer:
    """Raises ``CustomerNotFound``."""
    known = await find_customer(customer_id, work)
    if not known.customer.exists:
        raise CustomerNotFound("Nothing is known of this customer.")
    return known
