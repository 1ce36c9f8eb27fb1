"""Personal data: encrypted per customer, readable for as long as the customer's key exists."""

from __future__ import annotations

import hmac
import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag

from kernel.faults import failpoints
from kernel.guest_ids import owner_of
from kernel.master_keys import KEY_BYTES, MasterKeys, seal, unseal
from kernel.service_pool import ServicePool

REMEMBER_SECONDS = 5.0
"""For so long at most a process can still read what has been erased through another one."""
REMEMBER_MOST = 10_000
VERSION_BITS = 0xF000 << 64 | 0xC000 << 48
VERSION_8 = 0x8000 << 64 | 0x8000 << 48

FIND = "SELECT wrapped_key FROM customer_keys WHERE tenant = $1 AND customer_id = $2"
KEEP = """
    INSERT INTO customer_keys AS known (tenant, customer_id, wrapped_key) VALUES ($1, $2, $3)
    ON CONFLICT (tenant, customer_id) DO UPDATE
    SET wrapped_key = coalesce(known.wrapped_key, excluded.wrapped_key)
    RETURNING wrapped_key
"""


@dataclass(frozen=True, slots=True)
class CustomerKey:
    """Opens what belongs to one customer of one tenant, and nothing else."""

    tenant: str
    customer_id: UUID
    secret: bytes = field(repr=False)


class PersonalData:
    def __init__(
        self,
        pool: ServicePool,
        keys: MasterKeys,
        naming_key: bytes,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool = pool
        self._keys = keys
        self._naming_key = naming_key
        self._clock = clock
        self._recent: dict[tuple[str, UUID], tuple[float, CustomerKey]] = {}

    def guest_id(self, tenant: str, mailbox: str) -> UUID:
        """The same for the same mailbox, which the caller has brought into its one spelling; tells nothing
        about it."""
        digest = hmac.digest(self._naming_key, f"{tenant}\0{mailbox}".encode(), sha256)
        # version 8, which RFC 9562 leaves to the application; this Python's uuid cannot make it by itself
        return UUID(int=int.from_bytes(digest[:16]) & ~VERSION_BITS | VERSION_8)

    async def key_for(self, tenant: str, customer_id: UUID) -> CustomerKey:
        """The customer's key, made now if there is none; who comes back after an erasure gets a new one."""
        if known := self._remembered(tenant, customer_id):
            return known
        fresh = self._keys.wrap(secrets.token_bytes(KEY_BYTES), owner_of(tenant, customer_id))
        wrapped = await self._pool.fetchval(KEEP, tenant, customer_id, fresh)
        failpoints.active and await failpoints.hit("customer_key.after_write")
        return self._remember(tenant, customer_id, wrapped)

    @staticmethod
    def encrypt(key: CustomerKey, data: Mapping[str, Any]) -> str:
        sealed = seal(key.secret, orjson.dumps(dict(data)), owner_of(key.tenant, key.customer_id))
        return urlsafe_b64encode(sealed).decode()

    async def decrypt(self, tenant: str, customer_id: UUID, token: str) -> dict[str, Any] | None:
        """What was encrypted for this customer; None if it has been erased since."""
        key = await self._known(tenant, customer_id)
        if key is None:
            return None
        try:
            opened = unseal(
                key.secret, b64decode(token, altchars=b"-_", validate=True), owner_of(tenant, customer_id)
            )
        except (InvalidTag, NotBase64, ValueError):
            # under an earlier key of a customer who came back after an erasure, or not this customer's
            return None
        data: dict[str, Any] = orjson.loads(opened)
        return data

    async def _known(self, tenant: str, customer_id: UUID) -> CustomerKey | None:
        if known := self._remembered(tenant, customer_id):
            return known
        found = await self._pool.fetch_for_tenant(tenant, FIND, customer_id)
        wrapped = found[0]["wrapped_key"] if found else None
        return None if wrapped is None else self._remember(tenant, customer_id, wrapped)

    def _remembered(self, tenant: str, customer_id: UUID) -> CustomerKey | None:
        read_at, key = self._recent.get((tenant, customer_id), (float("-inf"), None))
        return key if self._clock() - read_at < REMEMBER_SECONDS else None

    def _remember(self, tenant: str, customer_id: UUID, wrapped: bytes) -> CustomerKey:
        """Raises ``InvalidTag`` where the master key that wrapped it is not among those told."""
        secret = self._keys.unwrap(wrapped, owner_of(tenant, customer_id))
        key = CustomerKey(tenant, customer_id, secret)
        self._recent[tenant, customer_id] = self._clock(), key
        if len(self._recent) > REMEMBER_MOST:
            self._recent.pop(next(iter(self._recent)))
        return key
