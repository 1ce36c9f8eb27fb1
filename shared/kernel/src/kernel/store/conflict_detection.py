"""What is taken already: how far streams have come, who holds a name, which requests are answered."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from kernel.store.changes import Changes
from kernel.store.writing import Connection, columns

VERSIONS = "SELECT stream_id, max(version) AS version FROM log WHERE stream_id = ANY($1) GROUP BY stream_id"
HOLDERS = """
    SELECT c.tenant, c.kind, c.value, c.holder
    FROM claims c JOIN unnest($1::text[], $2::text[], $3::text[]) AS w (tenant, kind, value)
      ON (c.tenant, c.kind, c.value) = (w.tenant, w.kind, w.value)
"""
KEYS = """
    SELECT i.tenant, i.route, i.key
    FROM idempotency i JOIN unnest($1::text[], $2::text[], $3::text[]) AS w (tenant, route, key)
      ON (i.tenant, i.route, i.key) = (w.tenant, w.route, w.key)
"""


async def stored_versions(connection: Connection, streams: Iterable[UUID]) -> dict[UUID, int]:
    found = await connection.fetch(VERSIONS, list(streams))
    return {row["stream_id"]: row["version"] for row in found}


async def key_owners(
    connection: Connection, names: set[tuple[str, str, str]]
) -> dict[tuple[str, str, str], UUID | None]:
    if not names:
        return {}
    found = await connection.fetch(HOLDERS, *columns(names))
    return {(row["tenant"], row["kind"], row["value"]): row["holder"] for row in found}


async def used_idempotency_keys(connection: Connection, saves: list[Changes]) -> set[tuple[str, str, str]]:
    wanted = [save.answer[:3] for save in saves if save.answer]
    if not wanted:
        return set()
    return {tuple(row) for row in await connection.fetch(KEYS, *columns(wanted))}
