"""Wrap all stored keys with the current master key, so that the older ones are no longer needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
from cryptography.exceptions import InvalidTag

from kernel.security import pseudonyms
from kernel.security.master_keys import MasterKeys, subject_owner

BATCH_SIZE = 500
COUNT = "SELECT count(*) FROM {} WHERE wrapped_key IS NOT NULL"
NEXT = """
    SELECT tenant, {1} AS subject_id, wrapped_key FROM {0}
    WHERE wrapped_key IS NOT NULL AND (tenant, {1}) > ($1, $2)
    ORDER BY tenant, {1} LIMIT $3 FOR UPDATE
"""
REPLACE = """
    UPDATE {0} AS it SET wrapped_key = fresh.wrapped_key
    FROM unnest($1::text[], $2::uuid[], $3::bytea[]) AS fresh (tenant, subject_id, wrapped_key)
    WHERE (it.tenant, it.{1}) = (fresh.tenant, fresh.subject_id)
"""
REPLACE_PSEUDONYM_KEY = "UPDATE {} SET wrapped = $2 WHERE name = $1"

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@dataclass
class Progress:
    """Counts of subjects' keys: all at the beginning, and the outcomes so far."""

    total: int = 0
    seen: int = 0
    rewrapped: int = 0
    unreadable: int = 0
    """Wrapped by none of the given master keys."""


# failpoint: none needed (rewrapping)
async def rewrap(
    connection: Connection,
    keys: MasterKeys,
    on_progress: Callable[[Progress], None] = lambda _: None,
    batch_size: int = BATCH_SIZE,
) -> Progress:
    """Each batch is a transaction of its own, so that an interrupted run can be repeated at any time.

    Raises ``InvalidTag`` if no master key unwraps the pseudonym key: then none of them is the one in use.
    """
    table = keys.stored.table, keys.stored.subject_column
    progress = Progress(total=await connection.fetchval(COUNT.format(*table)))
    await _rewrap_pseudonym_key(connection, keys)
    last = "", UUID(int=0)
    while True:
        async with connection.transaction():
            rows = await connection.fetch(NEXT.format(*table), *last, batch_size)
            await _rewrap_batch(connection, keys, rows, progress)
        if not rows:
            return progress
        last = rows[-1]["tenant"], rows[-1]["subject_id"]
        on_progress(progress)


# failpoint: none needed (rewrapping)
async def _rewrap_batch(
    connection: Connection, keys: MasterKeys, rows: list[Any], progress: Progress
) -> None:
    rewrapped: list[tuple[str, UUID, bytes]] = []
    for tenant, subject_id, wrapped in rows:
        progress.seen += 1
        try:
            fresh = keys.rewrap(wrapped, subject_owner(tenant, subject_id))
        except InvalidTag:
            progress.unreadable += 1
            continue
        if fresh is not None:
            rewrapped.append((tenant, subject_id, fresh))
    if rewrapped:
        statement = REPLACE.format(keys.stored.table, keys.stored.subject_column)
        await connection.execute(statement, *map(list, zip(*rewrapped, strict=True)))
        progress.rewrapped += len(rewrapped)


# failpoint: none needed (rewrapping), 2 calls
async def _rewrap_pseudonym_key(connection: Connection, keys: MasterKeys) -> None:
    stored = keys.stored
    find = pseudonyms.FIND.format(stored.secrets_table)
    wrapped = await connection.fetchval(find, stored.pseudonym_secret)
    if wrapped is None:
        return
    fresh = keys.rewrap(wrapped, stored.pseudonym_owner)
    if fresh is not None:
        replace = REPLACE_PSEUDONYM_KEY.format(stored.secrets_table)
        await connection.execute(replace, stored.pseudonym_secret, fresh)
