"""Wrap everything anew under the current master key, so that the older ones are needed no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
from cryptography.exceptions import InvalidTag

from kernel import guest_ids
from kernel.guest_ids import owner_of
from kernel.master_keys import MasterKeys

BATCH = 500
COUNT = "SELECT count(*) FROM customer_keys WHERE wrapped_key IS NOT NULL"
NEXT = """
    SELECT tenant, customer_id, wrapped_key FROM customer_keys
    WHERE wrapped_key IS NOT NULL AND (tenant, customer_id) > ($1, $2)
    ORDER BY tenant, customer_id LIMIT $3 FOR UPDATE
"""
REPLACE = """
    UPDATE customer_keys AS it SET wrapped_key = fresh.wrapped_key
    FROM unnest($1::text[], $2::uuid[], $3::bytea[]) AS fresh (tenant, customer_id, wrapped_key)
    WHERE (it.tenant, it.customer_id) = (fresh.tenant, fresh.customer_id)
"""
REPLACE_NAMING = "UPDATE kept_secrets SET wrapped = $1 WHERE name = 'guests'"

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@dataclass
class Progress:
    """How many keys of customers there were at the beginning, and what became of those seen so far."""

    total: int = 0
    seen: int = 0
    rewrapped: int = 0
    unreadable: int = 0
    """Wrapped by none of the master keys told."""


# failpoint: none needed (rewrapping)
async def rewrap(
    connection: Connection,
    keys: MasterKeys,
    tell: Callable[[Progress], None] = lambda _: None,
    batch: int = BATCH,
) -> Progress:
    """In batches, each a transaction; what is done stays done, so that it can be begun again at any time."""
    done = Progress(total=await connection.fetchval(COUNT))
    await _rewrap_naming_key(connection, keys)
    after = "", UUID(int=0)
    while True:
        async with connection.transaction():
            rows = await connection.fetch(NEXT, *after, batch)
            await _rewrap(connection, keys, rows, done)
        if not rows:
            return done
        after = rows[-1]["tenant"], rows[-1]["customer_id"]
        tell(done)


# failpoint: none needed (rewrapping)
async def _rewrap(connection: Connection, keys: MasterKeys, rows: list[Any], done: Progress) -> None:
    fresh: list[tuple[str, UUID, bytes]] = []
    for tenant, customer_id, wrapped in rows:
        done.seen += 1
        try:
            again = keys.rewrapped(wrapped, owner_of(tenant, customer_id))
        except InvalidTag:
            done.unreadable += 1
            continue
        if again is not None:
            fresh.append((tenant, customer_id, again))
    if fresh:
        await connection.execute(REPLACE, *map(list, zip(*fresh, strict=True)))
        done.rewrapped += len(fresh)


# failpoint: none needed (rewrapping), 2 calls
async def _rewrap_naming_key(connection: Connection, keys: MasterKeys) -> None:
    """Raises ``InvalidTag`` where none of the keys opens it: then none of those told is right."""
    wrapped = await connection.fetchval(guest_ids.FIND)
    if wrapped is None:
        return
    again = keys.rewrapped(wrapped, guest_ids.OWNER)
    if again is not None:
        await connection.execute(REPLACE_NAMING, again)
