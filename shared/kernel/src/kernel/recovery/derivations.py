"""Make the rows beside the log again that follow from recovered facts: unique keys and timers.

Each service says how they follow from the state of an aggregate. Keys that the aggregate no longer holds are
released, and its timers are replaced, so that doing it twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from asyncpg import Record

from kernel.context import Context
from kernel.domain import Aggregate
from kernel.store.changes import Changes
from kernel.store.clock import database_now
from kernel.store.event_store import EventStore
from kernel.store.write_batch import WriteBatch
from kernel.store.writing import Connection, columns, write
from kernel.unit_of_work import UnitOfWork

PAGE = 500
"""Streams in one unit of work."""

TOUCHED = """
    SELECT latest.stream_id, first.type AS created_by, latest.tenant, latest.correlation_id,
           latest.message_id, latest.traceparent, latest.occurred_at
    FROM (SELECT DISTINCT ON (stream_id) * FROM log WHERE stream_id = ANY($2) AND kind = 'fact'
          ORDER BY stream_id, version DESC) latest
    JOIN log first ON first.stream_id = latest.stream_id AND first.version = 1
    WHERE first.type = ANY($1) ORDER BY latest.tenant, latest.stream_id
"""
HELD_BY = "SELECT tenant, kind, value FROM claims WHERE holder = ANY($1)"
RELEASE = """
    DELETE FROM claims c USING unnest($1::text[], $2::text[], $3::text[]) AS gone (tenant, kind, value)
    WHERE (c.tenant, c.kind, c.value) = (gone.tenant, gone.kind, gone.value)
"""
HELD = """
    SELECT tenant, kind, value, holder FROM claims
    JOIN unnest($1::text[], $2::text[], $3::text[]) AS wanted (tenant, kind, value)
        USING (tenant, kind, value)
"""
END_TIMERS = "DELETE FROM timers WHERE subject = ANY($1)"


class Derivation(NamedTuple):
    """``again`` claims the unique keys and sets the timers that the state of the aggregate calls for, and
    sends once more what it waits for. It releases keys that others hold and that the aggregate has released;
    its own need not be released. It records no fact."""

    kind: type[Aggregate]
    again: Callable[[Any, UnitOfWork], Awaitable[None]]


Derivations = Mapping[str, Derivation]
"""By the type of the first fact of a stream. An aggregate without keys and timers needs no entry."""


class Derived(NamedTuple):
    """How many rows were written."""

    keys: int
    timers: int
    commands: int
    keys_of_others: int
    """Keys that another aggregate holds: they are left with it."""


# failpoint: none needed (recovery)
async def derive(
    connection: Connection, store: EventStore, derivations: Derivations, actor: str, streams: Iterable[UUID]
) -> Derived:
    """Write what follows from the streams as they are in the log, inside the open transaction."""
    touched = await connection.fetch(TOUCHED, list(derivations), list(streams))
    wanted = Changes()
    for start in range(0, len(touched), PAGE):
        await _decide(connection, store, derivations, actor, touched[start : start + PAGE], wanted)
    derived = [row["stream_id"] for row in touched]
    keys_of_others = await _keep_keys(connection, derived, wanted)
    await connection.execute(END_TIMERS, derived)
    await write(connection, WriteBatch.of([wanted]))
    return Derived(len(wanted.claimed_keys), len(wanted.timers), len(wanted.rows), keys_of_others)


async def _decide(
    connection: Connection,
    store: EventStore,
    derivations: Derivations,
    actor: str,
    page: Sequence[Record],
    wanted: Changes,
) -> None:
    work = store.begin_within(connection, await database_now(connection))
    for row in page:
        # timers and commands continue what the last fact of their stream began
        cause = row["tenant"], row["correlation_id"], str(row["message_id"]), actor
        work.switch_context(Context(*cause, row["traceparent"], row["occurred_at"]))
        derivation = derivations[row["created_by"]]
        await derivation.again(await work.open(derivation.kind, row["stream_id"]), work)
        # of two that want a key, the one that was created later has it: the other's end was not published
        wanted.claimed_keys |= work.changes.claimed_keys
        work.changes.claimed_keys.clear()
    changes = work.collect()
    if any(row.kind == "fact" for row in changes.rows):
        raise RuntimeError("a derivation has recorded a fact")
    wanted.rows += changes.rows
    wanted.released_keys |= changes.released_keys
    wanted.timers |= changes.timers


# failpoint: none needed (recovery)
async def _keep_keys(connection: Connection, streams: Sequence[UUID], wanted: Changes) -> int:
    """Release the keys that are not wanted, and leave in ``wanted`` those that have no holder. Returns how
    many are held by other aggregates."""
    held = {tuple(row) for row in await connection.fetch(HELD_BY, streams)}
    if gone := (held | wanted.released_keys) - wanted.claimed_keys.keys():
        await connection.execute(RELEASE, *columns(gone))
    wanted.released_keys.clear()
    if not wanted.claimed_keys:
        return 0
    holders = await connection.fetch(HELD, *columns(wanted.claimed_keys))
    others = 0
    for tenant, kind, value, holder in holders:
        others += wanted.claimed_keys.pop((tenant, kind, value)).holder != holder
    return others
