"""Personal data, encrypted under its subject's own key: it can be read for as long as that key exists."""

from __future__ import annotations

import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from cachetools import TTLCache
from cryptography.exceptions import InvalidTag

from kernel.faults import failpoints
from kernel.postgres.service_pool import ServicePool
from kernel.security.master_keys import KEY_BYTES, MasterKeys, seal, subject_owner, unseal
from kernel.security.pseudonyms import pseudonym
from kernel.store.writing import Connection

CACHE_SECONDS = 5.0
"""The longest time for which a process can still read what another one has erased."""
MAX_CACHED = 10_000

FIND = "SELECT wrapped_key FROM {0} WHERE tenant = $1 AND {1} = $2"
DESTROY = """
    UPDATE {0} SET wrapped_key = NULL, erased_at = now()
    WHERE tenant = $1 AND {1} = $2 AND wrapped_key IS NOT NULL RETURNING true
"""
KEEP = """
    INSERT INTO {0} AS known (tenant, {1}, wrapped_key) VALUES ($1, $2, $3)
    ON CONFLICT (tenant, {1}) DO UPDATE
    SET wrapped_key = coalesce(known.wrapped_key, excluded.wrapped_key)
    RETURNING wrapped_key
"""


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """Decrypts what belongs to one subject of one tenant, and nothing else."""

    tenant: str
    subject_id: UUID
    secret: bytes = field(repr=False)


class PersonalData:
    def __init__(
        self,
        pool: ServicePool,
        keys: MasterKeys,
        pseudonym_key: bytes,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool = pool
        self._keys = keys
        self._pseudonym_key = pseudonym_key
        self._table = keys.stored.table, keys.stored.subject_column
        self._cached = TTLCache[tuple[str, UUID], SubjectKey](MAX_CACHED, CACHE_SECONDS, clock)

    def pseudonym(self, tenant: str, identity: str) -> UUID:
        """``identity``: in normal form, since another spelling gets another pseudonym."""
        return pseudonym(self._pseudonym_key, tenant, identity)

    async def key_for(self, tenant: str, subject_id: UUID) -> SubjectKey:
        """The subject's key, created if there is none: also for a subject that was erased."""
        if cached := self._cached.get((tenant, subject_id)):
            return cached
        fresh = self._keys.wrap(secrets.token_bytes(KEY_BYTES), subject_owner(tenant, subject_id))
        wrapped = await self._pool.fetchval(KEEP.format(*self._table), tenant, subject_id, fresh)
        failpoints.active and await failpoints.hit("customer_key.after_write")
        return self._cache(tenant, subject_id, wrapped)

    @staticmethod
    def encrypt(key: SubjectKey, data: Mapping[str, Any]) -> str:
        sealed = seal(key.secret, orjson.dumps(dict(data)), subject_owner(key.tenant, key.subject_id))
        return urlsafe_b64encode(sealed).decode()

    async def decrypt(self, tenant: str, subject_id: UUID, token: str) -> dict[str, Any] | None:
        """What was encrypted for this subject; None if it has been erased since."""
        key = self._cached.get((tenant, subject_id)) or await self._find(tenant, subject_id)
        return None if key is None else _open(key, token)

    async def reader(
        self, tenant: str, subject_ids: Iterable[UUID]
    ) -> Callable[[str], dict[str, Any] | None]:
        """Decrypts what was encrypted for any of these subjects, with the keys that are stored now, not
        with those that this process remembers."""
        found = [await self._find(tenant, it) for it in subject_ids]
        keys = [it for it in found if it is not None]
        return lambda token: next((it for key in keys if (it := _open(key, token)) is not None), None)

    # failpoint: none needed (store-transaction)
    async def destroy(self, connection: Connection, tenant: str, subject_id: UUID) -> bool:
        """Delete the subject's key, in an open transaction. False if there was none."""
        return bool(await connection.fetchval(DESTROY.format(*self._table), tenant, subject_id))

    def forget(self, tenant: str, subject_id: UUID) -> None:
        """After ``destroy``: from here on this process cannot read the subject's data any more."""
        self._cached.pop((tenant, subject_id), None)

    async def _find(self, tenant: str, subject_id: UUID) -> SubjectKey | None:
        rows = await self._pool.fetch_for_tenant(tenant, FIND.format(*self._table), subject_id)
        wrapped = rows[0]["wrapped_key"] if rows else None
        return None if wrapped is None else self._cache(tenant, subject_id, wrapped)

    def _cache(self, tenant: str, subject_id: UUID, wrapped: bytes) -> SubjectKey:
        """Raises ``InvalidTag`` if none of the master keys has wrapped it."""
        secret = self._keys.unwrap(wrapped, subject_owner(tenant, subject_id))
        self._cached[tenant, subject_id] = key = SubjectKey(tenant, subject_id, secret)
        return key


def _open(key: SubjectKey, token: str) -> dict[str, Any] | None:
    try:
        opened = unseal(
            key.secret,
            b64decode(token, altchars=b"-_", validate=True),
            subject_owner(key.tenant, key.subject_id),
        )
    except (InvalidTag, NotBase64, ValueError):
        # encrypted under the key before an erasure, or for another subject
        return None
    data: dict[str, Any] = orjson.loads(opened)
    return data
