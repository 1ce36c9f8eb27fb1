"""The pseudonym key: it outlives every master key, because pseudonyms are ids and ids never change."""

from __future__ import annotations

import hmac
from hashlib import sha256
from uuid import UUID

from kernel.postgres.service_pool import ServicePool
from kernel.security.master_keys import MasterKeys, subject_owner

VERSION_BITS = 0xF000 << 64 | 0xC000 << 48
VERSION_8 = 0x8000 << 64 | 0x8000 << 48

FIND = "SELECT wrapped FROM {} WHERE name = $1"
KEEP = "INSERT INTO {} (name, wrapped) VALUES ($1, $2) ON CONFLICT DO NOTHING"
ANY_SUBJECT = "SELECT tenant, {1} AS subject_id, wrapped_key FROM {0} WHERE wrapped_key IS NOT NULL LIMIT 1"


def pseudonym(key: bytes, tenant: str, identity: str) -> UUID:
    """An id that is always the same for the same identity, and reveals nothing about it."""
    digest = hmac.digest(key, f"{tenant}\0{identity}".encode(), sha256)
    # version 8, which RFC 9562 leaves to the application; this Python's uuid cannot make it by itself
    return UUID(int=int.from_bytes(digest[:16]) & ~VERSION_BITS | VERSION_8)


def address_pseudonym(link_key: bytes, tenant: str, address: str) -> UUID:
    """Of a client address, for services that have the key of links in common."""
    return pseudonym(link_key, tenant, f"client address\0{address}")


# failpoint: none needed (first-writer)
async def load_pseudonym_key(pool: ServicePool, keys: MasterKeys) -> bytes:
    """The stored key. If there is none, stores the one derived from the master key in use until now."""
    stored = keys.stored
    wrapped = await pool.fetchval(FIND.format(stored.secrets_table), stored.pseudonym_secret)
    if wrapped is None:
        first = keys.wrap(await _first_key(pool, keys), stored.pseudonym_owner)
        await pool.execute(KEEP.format(stored.secrets_table), stored.pseudonym_secret, first)
        # another process may have been the first
        wrapped = await pool.fetchval(FIND.format(stored.secrets_table), stored.pseudonym_secret)
    return keys.unwrap(wrapped, stored.pseudonym_owner)


async def _first_key(pool: ServicePool, keys: MasterKeys) -> bytes:
    row = await pool.fetchrow(ANY_SUBJECT.format(keys.stored.table, keys.stored.subject_column))
    if row is None:
        return keys.pseudonym_key
    return keys.pseudonym_key_of(row["wrapped_key"], subject_owner(row["tenant"], row["subject_id"]))
