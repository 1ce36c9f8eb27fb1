"""What an attempt to pay is recognised by in a screening, as pseudonyms."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from checkout_saga.checkout.schemas.requests import NewCheckout
from checkout_saga.checkout.use_cases.buying import StartCheckout
from checkout_saga.customers.domain.customer import customer_stream_id
from checkout_saga.customers.domain.mailbox import Mailbox
from checkout_saga.customers.register import CUSTOMER_EMAIL
from checkout_saga.customers.vault import Vault
from checkout_saga.fraud.domain.signals import ADDRESS, CUSTOMER, DEVICE, INSTRUMENT
from contracts.roles import STOREFRONT
from contracts.screening import Screening
from kernel.http.auth import Principal
from kernel.security.pseudonyms import address_pseudonym
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Screens:
    """``mode``: None, payments are not screened. ``link_key``: the services have it in common."""

    vault: Vault
    mode: str | None
    link_key: bytes

    def of(
        self,
        caller: Principal,
        customer_id: str,
        *,
        gateway: str,
        token: str | None,
        address: str,
        device_id: str | None = None,
        email_mismatch: bool = False,
    ) -> Screening | None:
        """The address counts only of a storefront: of a shop's backend it is the backend's own."""
        if self.mode is None:
            return None
        values = {
            INSTRUMENT: f"{gateway}/{token}" if token else "",
            CUSTOMER: customer_id,
            ADDRESS: address if caller.role == STOREFRONT else "",
            DEVICE: device_id or "",
        }
        pseudonyms = {name: self._pseudonym(caller, name, it) for name, it in values.items() if it}
        return Screening(mode=self.mode, values=pseudonyms, email_mismatch=email_mismatch or None)

    def address_value(self, caller: Principal, address: str) -> UUID | None:
        """The pseudonym under which what comes from the address counts; None where none counts."""
        if self.mode is None or caller.role != STOREFRONT or not address:
            return None
        return self._pseudonym(caller, ADDRESS, address)

    def _pseudonym(self, caller: Principal, dimension: str, value: str) -> UUID:
        return self.vault.fingerprint(caller.tenant, f"fraud {dimension}", value)

    async def of_start(
        self,
        caller: Principal,
        body: NewCheckout,
        command: StartCheckout,
        mailbox: Mailbox,
        address: str,
        work: UnitOfWork,
    ) -> Screening | None:
        """Of the first attempt, with the address as the carts know it."""
        screening = self.of(
            caller,
            command.customer_id,
            gateway=command.gateway,
            token=body.payment.token,
            address=address,
            device_id=body.device_id,
            email_mismatch=await self._has_other_owner(body.customer.id, mailbox.identity, work),
        )
        if screening is None or ADDRESS not in screening.values:
            return screening
        cart_address = address_pseudonym(self.link_key, caller.tenant, address)
        return screening.model_copy(update={"cart_address": cart_address})

    async def _has_other_owner(self, customer_id: str | None, mailbox: str, work: UnitOfWork) -> bool:
        """Whether the request names a customer, and the shop knows its e-mail address as another one's."""
        if self.mode is None or customer_id is None:
            return False
        tenant = work.context.tenant
        owner = await work.owner_of_key(CUSTOMER_EMAIL, self.vault.guest(tenant, mailbox))
        return owner not in {None, customer_stream_id(tenant, customer_id)}
