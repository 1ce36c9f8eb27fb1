"""List what waits for an operator: the entries of several sources as one list, oldest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from uuid import UUID

from checkout_saga.operations.attention.entries import Entry, Reader, Source

NEXT_TRIES = """
    SELECT subject, min(due_at) AS due_at, max((payload ->> 'tries')::integer) AS tries FROM timers
    WHERE tenant = $1 AND subject = ANY($2) AND kind = ANY($3) GROUP BY subject
"""
"""Timers are not read on behalf of callers: the tenant is named here."""


@dataclass(frozen=True, slots=True)
class Listed:
    entry: Entry
    positions: Mapping[str, str]
    """How far each source has been listed with this entry, by kind."""


async def list_entries(
    reader: Reader, sources: Iterable[Source], positions: Mapping[str, str], limit: int
) -> Sequence[Listed]:
    """At most ``limit`` entries behind ``positions``. Each source keeps its own order."""
    chosen = list(sources)
    found = [await it.list(reader, positions.get(it.kind, ""), limit) for it in chosen]
    first = list(merge(*found, key=lambda it: it.since))[:limit]
    listed, reached = [], dict(positions)
    for entry in await _with_next_tries(reader, first, chosen):
        reached = {**reached, entry.kind: entry.position}
        listed.append(Listed(entry, reached))
    return listed


async def _with_next_tries(
    reader: Reader, entries: Sequence[Entry], sources: Iterable[Source]
) -> Sequence[Entry]:
    kinds = [kind for it in sources for kind in it.timers]
    subjects = [it.timer for it in entries]
    rows = await reader.pool.fetch(NEXT_TRIES, reader.tenant, subjects, kinds) if entries else []
    known: dict[UUID, tuple[datetime, int]] = {
        row["subject"]: (row["due_at"], row["tries"] or 0) for row in rows
    }
    return [
        it._replace(next_try_at=known[it.timer][0], tries=max(it.tries, known[it.timer][1]))
        if it.timer in known
        else it
        for it in entries
    ]
