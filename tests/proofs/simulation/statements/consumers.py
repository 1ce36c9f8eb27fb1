"""Statements of consumers: offsets, handled versions, dead letters and the scopes that wait behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from kernel.messaging import batch_transaction, handled_versions, offsets
from kernel.messaging.dead_letters import store
from tests.proofs.simulation.database import DeadLetter, Offset, OffsetKey, Row

if TYPE_CHECKING:
    from tests.proofs.simulation.connection import Connection


def read_offsets(connection: Connection, group: str) -> list[Row]:
    return [
        {
            "topic": topic,
            "part": part,
            "cluster_id": offset.cluster_id,
            "generation": offset.generation,
            "next_offset": offset.next_offset,
        }
        for (reader, topic, part), offset in connection.database.offsets.items()
        if reader == group
    ]


def parked_messages(connection: Connection, scopes: Sequence[str], streams: Sequence[UUID]) -> list[Row]:
    return [
        {"grp": it.scope, "message_id": it.message_id}
        for it in connection.database.dead_letters
        if it.scope in scopes and it.stream_id in streams
    ]


async def open_batch(
    connection: Connection,
    group: str,
    topics: Sequence[str],
    parts: Sequence[int],
    expected: Sequence[int],
    following: Sequence[int],
    generations: Sequence[int],
    cluster_id: str,
    scopes: Sequence[str],
    streams: Sequence[UUID],
    keys: Sequence[bytes | None],
) -> Row:
    """Move the group's offsets from ``expected`` to ``following``, and read what the batch depends on."""
    places: list[OffsetKey] = [(group, *it) for it in zip(topics, parts, strict=True)]
    await connection.lock(places)
    database, moved = connection.database, 0
    for place, before, after, generation in zip(places, expected, following, generations, strict=True):
        offset = database.offsets.get(place)
        if offset and (offset.next_offset, offset.cluster_id) == (before, cluster_id):
            moved += 1
            _put_offset(connection, place, Offset(cluster_id, max(offset.generation, generation), after))
    seen = {it: version for it in streams if (version := database.seen[group].get(it)) is not None}
    row: Row = {
        "moved": moved,
        "now": connection.now,
        "outdated": False,
        "streams": list(seen),
        "versions": list(seen.values()),
    }
    behind = [
        (scope, stream, handled)
        for (scope, stream), handled in database.behind.items()
        if scope in scopes and stream in streams
    ]
    row["behind_scopes"], row["behind_streams"], row["handled"] = (
        map(list, zip(*behind, strict=True)) if behind else ([], [], [])
    )
    waiting = [
        it for it in database.dead_letters if not it.resolved and it.scope in scopes and it.key in keys
    ]
    row["blocked_scopes"] = [it.scope for it in waiting if it.reason != "gap"]
    row["blocked_keys"] = [it.key for it in waiting if it.reason != "gap"]
    row["gaps"] = [it.stream_id for it in waiting if it.reason == "gap"]
    return row


def _put_offset(connection: Connection, place: OffsetKey, offset: Offset) -> None:
    connection.write_at_commit(lambda: connection.database.offsets.__setitem__(place, offset))


def store_offset(
    connection: Connection, group: str, topic: str, part: int, cluster: str, generation: int, begin: int
) -> None:
    _put_offset(connection, (group, topic, part), Offset(cluster, generation, begin))


def note_versions(
    connection: Connection,
    group: str,
    known: Sequence[UUID],
    their_versions: Sequence[int],
    new: Sequence[UUID],
    first_versions: Sequence[int],
) -> None:
    seen = connection.database.seen[group]

    def note() -> None:
        for stream, version in zip(known, their_versions, strict=True):
            seen[stream] = max(seen[stream], version)
        for stream, version in zip(new, first_versions, strict=True):
            assert stream not in seen
            seen[stream] = version

    connection.write_at_commit(note)


def park(connection: Connection, scope: str, *values: Any) -> None:
    _, _, _, key, headers, _, _, _, stream_id, version, reason, error = values
    found = {name: value for name, value, *_ in orjson.loads(headers)}
    dead_letter = DeadLetter(scope, key, stream_id, version, found.get("ce_id"), reason, error)
    connection.write_at_commit(lambda: connection.database.dead_letters.append(dead_letter))


def close_gaps(connection: Connection, group: str, streams: Sequence[UUID], versions: Sequence[int]) -> None:
    reached = dict(zip(streams, versions, strict=True))
    dead_letters = connection.database.dead_letters

    def close() -> None:
        for at, it in enumerate(dead_letters):
            if it.scope == group and it.reason == "gap" and it.stream_id and it.version:
                is_closed = it.version <= reached.get(it.stream_id, 0)
                dead_letters[at] = replace(it, resolved=it.resolved or is_closed)

    connection.write_at_commit(close)


def insert_behind(connection: Connection, *columns: Sequence[Any]) -> None:
    behind = connection.database.behind

    def note() -> None:
        for scope, stream_id, handled in zip(*columns, strict=True):
            behind.setdefault((scope, stream_id), handled)

    connection.write_at_commit(note)


def advance_handled(connection: Connection, *columns: Sequence[Any]) -> None:
    behind = connection.database.behind

    def move() -> None:
        for scope, stream_id, handled in zip(*columns, strict=True):
            if (before := behind.get((scope, stream_id))) is not None:
                behind[scope, stream_id] = max(before, handled)

    connection.write_at_commit(move)


def delete_caught_up(connection: Connection, group: str, scopes: Sequence[str]) -> None:
    database = connection.database

    def delete() -> None:
        unresolved = {(it.scope, it.stream_id) for it in database.dead_letters if not it.resolved}
        for key, handled in list(database.behind.items()):
            has_caught_up = handled >= database.seen[group].get(key[1], handled + 1)
            if key[0] in scopes and has_caught_up and key not in unresolved:
                del database.behind[key]

    connection.write_at_commit(delete)


READS: Mapping[str, Callable[..., Any]] = {
    offsets.READ: read_offsets,
    handled_versions.PARKED_MESSAGES: parked_messages,
}
LOCKING_READS: Mapping[str, Callable[..., Any]] = {batch_transaction.OPEN: open_batch}
WRITES: Mapping[str, Callable[..., None]] = {
    offsets.STORE: store_offset,
    batch_transaction.STORE_VERSIONS: note_versions,
    store.INSERT_PARKED: park,
    store.RESOLVE_GAPS: close_gaps,
    handled_versions.INSERT_BEHIND: insert_behind,
    handled_versions.ADVANCE_HANDLED: advance_handled,
    handled_versions.DELETE_CAUGHT_UP: delete_caught_up,
}
