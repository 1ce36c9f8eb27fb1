"""Read what a commit may conflict with: versions of streams, owners of unique keys, used idempotency keys."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from kernel.store.changes import Changes
from kernel.store.writing import Connection, columns

VERSIONS = "SELECT stream_id, max(version) AS version FROM log WHERE stream_id = ANY($1) GROUP BY stream_id"
KEY_OWNERS = """
    SELECT c.tenant, c.kind, c.value, c.holder
    FROM claims c JOIN unnest($1::text[], $2::text[], $3::text[]) AS w (tenant, kind, value)
      ON (c.tenant, c.kind, c.value) = (w.tenant, w.kind, w.value)
"""
USED_IDEMPOTENCY_KEYS = """
    SELECT i.tenant, i.route, i.key
    FROM idempotency i JOIN unnest($1::text[], $2::text[], $3::text[]) AS w (tenant, route, key)
      ON (i.tenant, i.route, i.key) = (w.tenant, w.route, w.key)
"""


async def stored_versions(connection: Connection, streams: Iterable[UUID]) -> dict[UUID, int]:
    rows = await connection.fetch(VERSIONS, list(streams))
    return {row["stream_id"]: row["version"] for row in rows}


async def key_owners(
    connection: Connection, keys: set[tuple[str, str, str]]
) -> dict[tuple[str, str, str], UUID | None]:
    """Keys are (tenant, kind, value)."""
    if not keys:
        return {}
    rows = await connection.fetch(KEY_OWNERS, *columns(keys))
    return {(row["tenant"], row["kind"], row["value"]): row["holder"] for row in rows}


async def used_idempotency_keys(connection: Connection, batch: list[Changes]) -> set[tuple[str, str, str]]:
    """Those keys of the batch, as (tenant, route, key), that have a stored response."""
    keys = [changes.response[:3] for changes in batch if changes.response]
    if not keys:
        return set()
    return {tuple(row) for row in await connection.fetch(USED_IDEMPOTENCY_KEYS, *columns(keys))}
