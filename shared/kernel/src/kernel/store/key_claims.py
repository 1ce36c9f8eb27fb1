"""The unique keys of a unit of work: those that it claims and releases, and those that are held already."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from uuid import UUID

from kernel.context import Context
from kernel.errors import KeyClaimed
from kernel.store.cache import KeyMemory, UniqueKey
from kernel.store.changes import Changes, KeyClaim
from kernel.store.conflict_detection import key_owners
from kernel.store.writing import Connection

KEY_OWNER = "SELECT holder FROM claims WHERE tenant = $1 AND kind = $2 AND value = $3"
KEYS_WITH_PREFIX = """
    SELECT value, holder FROM claims
    WHERE tenant = $1 AND kind = $2 AND value >= $3 AND starts_with(value, $3)
"""


class KeyClaims(ABC):
    """The part of a unit of work that has to do with unique keys."""

    def __init__(self, changes: Changes, memory: KeyMemory, *, use_cache: bool) -> None:
        self.changes = changes
        self._memory = memory
        self._use_cache = use_cache
        self._unverified_keys: set[UniqueKey] = set()
        """Keys that were claimed without reading their owner."""
        self._read_keys: dict[UniqueKey, UUID | None] = {}
        """Keys whose owners have been read ahead."""
        self._remembered_keys: dict[UniqueKey, UUID | None] = {}
        """Those of them that were not read but remembered."""
        self._read_prefixes: dict[UniqueKey, dict[str, UUID]] = {}
        """The keys that were held when those with the prefix were read."""

    @property
    @abstractmethod
    def context(self) -> Context: ...

    @abstractmethod
    def _connection(self) -> AbstractAsyncContextManager[Connection]: ...

    def claim_key(self, kind: str, value: str, holder: UUID) -> None:
        key = self.context.tenant, kind, value
        pending = self.changes.claimed_keys.setdefault(key, KeyClaim(*key, holder))
        if pending.holder != holder:
            raise KeyClaimed(kind, value, pending.holder)

    async def try_claim_key(self, kind: str, value: str, holder: UUID) -> UUID | None:
        key = self.context.tenant, kind, value
        changes = self.changes
        unread = self._use_cache and key not in changes.claimed_keys and key not in changes.released_keys
        owner = None if unread else await self.owner_of_key(kind, value)
        if owner is None:
            self.claim_key(kind, value, holder)
            if unread:
                self._unverified_keys.add(key)
        return owner

    def release_key(self, kind: str, value: str) -> None:
        key = self.context.tenant, kind, value
        pending = self.changes.claimed_keys.pop(key, None)
        if pending and key in self._unverified_keys:
            # claimed without a read: releasing it here would skip the check at the commit, so force a new run
            raise KeyClaimed(kind, value, pending.holder)
        self.changes.released_keys.add(key)

    async def owner_of_key(self, kind: str, value: str) -> UUID | None:
        key = self.context.tenant, kind, value
        if pending := self.changes.claimed_keys.get(key):
            return pending.holder
        if key in self.changes.released_keys:
            return None
        if key in self._read_keys:
            return self._read_keys[key]
        async with self._connection() as connection:
            owner: UUID | None = await connection.fetchval(KEY_OWNER, *key)
            return owner

    async def owners_of_keys(self, kind: str, values: Iterable[str]) -> dict[str, UUID]:
        tenant, wanted = self.context.tenant, list(dict.fromkeys(values))
        if not wanted:
            return {}
        await self.preload_keys((kind, value) for value in wanted)
        owners = ((value, self._read_keys[tenant, kind, value]) for value in wanted)
        pending = [self.changes.claimed_keys.get((tenant, kind, value)) for value in wanted]
        return self._as_of_now(kind, {value: owner for value, owner in owners if owner}, pending)

    async def preload_keys(self, keys: Iterable[tuple[str, str]]) -> None:
        tenant = self.context.tenant
        await self._read((tenant, *it) for it in keys)

    async def preload_keys_for(self, keys: Iterable[UniqueKey]) -> None:
        """For a whole batch: what is remembered is not read, and compared with the database before the
        commit."""
        wanted = list(keys)
        if self._use_cache:
            unread = [it for it in wanted if it not in self._read_keys]
            self._remembered_keys |= self._memory.known(unread)
            self._read_keys |= self._remembered_keys
        await self._read(wanted)
        self._memory.note({it: self._read_keys[it] for it in wanted})

    async def _read(self, keys: Iterable[UniqueKey]) -> None:
        unread = {it for it in keys if it not in self._read_keys}
        if unread:
            async with self._connection() as connection:
                owners = await key_owners(connection, unread)
            self._read_keys |= {it: owners.get(it) for it in unread}

    async def keys_with_prefix(self, kind: str, prefix: str) -> dict[str, UUID]:
        tenant = self.context.tenant
        key = tenant, kind, prefix
        if key not in self._read_prefixes:
            async with self._connection() as connection:
                rows = await connection.fetch(KEYS_WITH_PREFIX, *key)
            self._read_prefixes[key] = {row["value"]: row["holder"] for row in rows}
        claims = self.changes.claimed_keys.values()
        pending = [it for it in claims if it[:2] == (tenant, kind) and it.value.startswith(prefix)]
        return self._as_of_now(kind, self._read_prefixes[key], pending)

    def _as_of_now(
        self, kind: str, held: dict[str, UUID], pending: Iterable[KeyClaim | None]
    ) -> dict[str, UUID]:
        """The keys that are held after what the unit of work has released and claimed."""
        tenant, released = self.context.tenant, self.changes.released_keys
        kept = {value: it for value, it in held.items() if (tenant, kind, value) not in released}
        return kept | {it.value: it.holder for it in pending if it}
