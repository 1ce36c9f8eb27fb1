"""Personal data, encrypted under each customer's own key."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from checkout_saga.customers.domain.customer import customer_stream_id
from kernel.postgres.service_pool import ServicePool
from kernel.security.master_keys import MasterKeys
from kernel.security.personal_data import PersonalData
from kernel.security.pseudonyms import load_pseudonym_key
from kernel.store.writing import Connection


async def open_vault(pool: ServicePool, keys: MasterKeys) -> Vault:
    return Vault(PersonalData(pool, keys, await load_pseudonym_key(pool, keys)))


class Vault:
    def __init__(self, personal: PersonalData) -> None:
        self._personal = personal

    @property
    def personal(self) -> PersonalData:
        """For what is encrypted under a key that is no customer's."""
        return self._personal

    def guest(self, tenant: str, mailbox: str) -> str:
        """The id of a guest. ``mailbox`` is the identity of their e-mail address."""
        return str(self._personal.pseudonym(tenant, mailbox))

    def fingerprint(self, tenant: str, kind: str, value: str) -> UUID:
        """Equal for equal values of one kind, and reveals nothing about them."""
        # no mailbox and no kind contains a NUL
        return self._personal.pseudonym(tenant, f"{kind}\0{value}")

    async def seal(self, tenant: str, customer_id: str, *secrets: dict[str, Any]) -> list[str]:
        """Encrypt each secret under the customer's key, which is created if there is none."""
        key = await self._personal.key_for(tenant, customer_stream_id(tenant, customer_id))
        return [self._personal.encrypt(key, it) for it in secrets]

    async def open(self, tenant: str, customer_id: str, sealed: str) -> dict[str, Any] | None:
        """Decrypt; None if the customer has been erased."""
        return await self._personal.decrypt(tenant, customer_stream_id(tenant, customer_id), sealed)

    async def reader(
        self, tenant: str, customer_ids: Collection[str]
    ) -> Callable[[str], dict[str, Any] | None]:
        """Decrypts what was encrypted for any of these customers, with the keys that are stored now; None for
        all other texts."""
        return await self._personal.reader(tenant, [customer_stream_id(tenant, it) for it in customer_ids])

    async def destroy(self, connection: Connection, tenant: str, customer_id: str) -> bool:
        """Delete the customer's key, in an open transaction. False if there was none."""
        return await self._personal.destroy(connection, tenant, customer_stream_id(tenant, customer_id))

    def forget(self, tenant: str, customer_id: str) -> None:
        """After ``destroy``: this process reads nothing more; others may do so for some seconds."""
        self._personal.forget(tenant, customer_stream_id(tenant, customer_id))
