"""Personal data, encrypted under each customer's own key."""

from __future__ import annotations

from typing import Any

from checkout_saga.customers.domain.customer import customer_stream_id
from kernel.security.personal_data import PersonalData


class Vault:
    def __init__(self, personal: PersonalData) -> None:
        self._personal = personal

    def guest(self, tenant: str, mailbox: str) -> str:
        """The id of a guest. ``mailbox`` is the identity of their e-mail address."""
        return str(self._personal.pseudonym(tenant, mailbox))

    async def seal(self, tenant: str, customer_id: str, *secrets: dict[str, Any]) -> list[str]:
        """Encrypt each secret under the customer's key, which is created if there is none."""
        key = await self._personal.key_for(tenant, customer_stream_id(tenant, customer_id))
        return [self._personal.encrypt(key, it) for it in secrets]

    async def open(self, tenant: str, customer_id: str, sealed: str) -> dict[str, Any] | None:
        """Decrypt; None if the customer has been erased."""
        return await self._personal.decrypt(tenant, customer_stream_id(tenant, customer_id), sealed)
