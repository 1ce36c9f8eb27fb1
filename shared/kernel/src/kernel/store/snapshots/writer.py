"""Snapshot writer: makes the snapshots that are due, beside the requests, and deletes unusable ones.

A snapshot is the fold of what the log holds, never of what this process remembers. Making it costs a load
from the stream's last snapshot on.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

import structlog

from kernel.domain import Aggregate
from kernel.faults import failpoints
from kernel.observability.health import Heartbeats
from kernel.observability.metrics.log import SNAPSHOTS
from kernel.postgres.connections import is_outage
from kernel.store.event_store import EventStore
from kernel.store.loading import bring_up_to_date
from kernel.store.snapshots.due import Stream
from kernel.store.snapshots.fold import fold_of
from kernel.store.snapshots.state_codec import codec_of
from kernel.store.writing import Connection, columns

LOG = structlog.get_logger()
BEAT = "snapshots"
BEAT_SECONDS = 5.0
ROUND_SECONDS = 1.0
"""Between two rounds: streams that are noted meanwhile are handled together."""
BYTES_A_FACT = 100
"""A snapshot of so many bytes times n is made after n facts at the earliest: a large one costs more."""

LAST_SNAPSHOTS = """
    SELECT s.stream_id, s.version, octet_length(s.state) AS size
    FROM unnest($1::uuid[], $2::bytea[]) AS due (stream_id, fold) JOIN snapshots s USING (stream_id, fold)
"""
STORE_SNAPSHOTS = """
    INSERT INTO snapshots AS s (stream_id, fold, tenant, version, message_id, state)
    SELECT made.stream_id, made.fold, made.tenant, made.version, l.message_id, made.state
    FROM unnest($1::uuid[], $2::bytea[], $3::text[], $4::int[], $5::bytea[])
        AS made (stream_id, fold, tenant, version, state)
    JOIN log l USING (stream_id, version, tenant)
    ORDER BY 1
    ON CONFLICT (stream_id, fold) DO UPDATE
    SET version = excluded.version, message_id = excluded.message_id, state = excluded.state, taken_at = now()
    WHERE s.version < excluded.version
"""
DELETE_SNAPSHOTS = """
    DELETE FROM snapshots s USING unnest($1::uuid[], $2::bytea[]) AS unusable (stream_id, fold)
    WHERE (s.stream_id, s.fold) = (unusable.stream_id, unusable.fold)
"""


class Snapshot(NamedTuple):
    stream_id: UUID
    fold: bytes
    tenant: str
    version: int
    state: bytes


class SnapshotWriter:
    def __init__(self, store: EventStore, heartbeats: Heartbeats) -> None:
        self._pool = store.pool
        self._due = store.due_snapshots
        self._messages = store.messages
        self._heartbeats = heartbeats
        heartbeats.register(BEAT)

    async def run(self) -> None:
        self._heartbeats.started(BEAT)
        while True:
            self._heartbeats.beat(BEAT)
            await self._due.wait(BEAT_SECONDS)
            await self.round()
            await asyncio.sleep(ROUND_SECONDS)

    async def round(self) -> None:
        """Delete what is unusable and make what is due. What fails is not repeated: the stream's next facts,
        or its next load, note it again."""
        due, unusable = self._due.take()
        by_tenant: dict[str, list[Stream]] = defaultdict(list)
        for stream in due:
            by_tenant[stream.tenant].append(stream)
        try:
            if unusable:
                await self._delete(unusable)
            for streams in by_tenant.values():
                await self._make({it: due[it] for it in streams})
        except Exception as error:
            if is_outage(error):
                LOG.warning("snapshots_interrupted", error=repr(error))
            else:
                LOG.exception("snapshots_failed")

    # failpoint: none needed (unused-rows)
    async def _delete(self, unusable: Iterable[tuple[UUID, bytes]]) -> None:
        async with self._pool.acquire() as connection:
            await connection.execute(DELETE_SNAPSHOTS, *columns(unusable))

    async def _make(self, due: Mapping[Stream, int]) -> None:
        """``due``: streams of one tenant, with their versions."""
        async with self._pool.acquire() as connection:
            streams = await self._worthwhile(connection, due)
            aggregates = {it: it.kind.empty(it.stream_id) for it in streams}
            if not aggregates:
                return
            tenant = streams[0].tenant
            await bring_up_to_date(connection, tenant, aggregates.values(), self._messages, self._due)
            self._due.forget(streams)
            made = [made for it in aggregates.values() if it.exists and (made := self._snapshot(tenant, it))]
            if not made:
                return
            failpoints.active and await failpoints.hit("snapshot.before_write")
            await connection.execute(STORE_SNAPSHOTS, *columns(made))
            failpoints.active and await failpoints.hit("snapshot.after_write")
        SNAPSHOTS.inc(len(made))

    async def _worthwhile(self, connection: Connection, due: Mapping[Stream, int]) -> list[Stream]:
        """Those of the streams that have enough facts behind their last snapshot."""
        keys = [(it.stream_id, fold_of(it.kind, self._messages).version) for it in due]
        last = {it["stream_id"]: it for it in await connection.fetch(LAST_SNAPSHOTS, *columns(keys))}

        def is_worthwhile(stream: Stream) -> bool:
            row = last.get(stream.stream_id)
            if row is None:
                return True
            version, size = int(row["version"]), int(row["size"])
            return due[stream] - version >= max(self._due.every, size // BYTES_A_FACT)

        return [it for it in due if is_worthwhile(it)]

    def _snapshot(self, tenant: str, aggregate: Aggregate) -> Snapshot | None:
        """None if the state holds what the codec cannot write: others are not to lack theirs for that."""
        fold = fold_of(type(aggregate), self._messages)
        try:
            state = codec_of(fold).to_bytes(aggregate)
        except TypeError as error:
            LOG.warning("snapshot_impossible", stream=str(aggregate.id), error=str(error))
            return None
        return Snapshot(aggregate.id, fold.version, tenant, aggregate.version, state)
