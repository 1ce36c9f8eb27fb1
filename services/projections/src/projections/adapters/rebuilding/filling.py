"""Read the topics from their beginning into a shadow, up to wherever the live read model stands."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

from aiokafka import AIOKafkaConsumer, TopicPartition

from kernel.messaging.received import Received
from kernel.messaging.sifting import Record
from kernel.store.writing import Connection
from projections.adapters.rebuilding.refusals import Failed
from projections.adapters.rebuilding.set_aside import FactId, Kind, SetAside, read_set_aside
from projections.adapters.rebuilding.shadow import Shadow
from projections.adapters.rebuilding.sifting import Head, read_heads, sift

MOST_RECORDS = 10_000
POLL_MS = 1000
PATIENCE = 30.0
"""Seconds without a single record before the broker counts as away."""

Offsets: TypeAlias = "dict[TopicPartition, int]"
PLACES = """
    SELECT topic, part, cluster_id, next_offset FROM consumer_offset WHERE grp = $1 AND topic = ANY($2)
"""


class Filling:
    def __init__(
        self,
        group: str,
        kind: Kind,
        shadow: Shadow,
        connection: Connection,
        client: AIOKafkaConsumer,
        cluster_id: str,
        begins: Mapping[TopicPartition, int],
    ) -> None:
        self._group = group
        self._kind = kind
        self._shadow = shadow
        self._connection = connection
        self._client = client
        self._cluster_id = cluster_id
        self._begins = begins
        self._types = frozenset(it.encode() for it in shadow.model.types)
        self._aside = SetAside()
        self._gaps: list[FactId] = []
        self._left_out: list[Head] = []
        self._unreadable = 0
        self.reached: Offsets = dict(begins)

    @property
    def events_done(self) -> int:
        return sum(self.reached.values()) - sum(self._begins.values())

    @property
    def set_aside(self) -> int:
        return len(self._left_out) + self._unreadable

    def total(self, targets: Mapping[TopicPartition, int]) -> int:
        return sum(max(0, it - self._begins[where]) for where, it in targets.items())

    async def live_place(self) -> Offsets:
        """Up to where the live read model has been brought: within a transaction, exactly."""
        topics = list({it.topic for it in self._begins})
        targets = dict(self._begins)
        for row in await self._connection.fetch(PLACES, self._group, topics):
            where = TopicPartition(row["topic"], row["part"])
            if row["cluster_id"] != self._cluster_id:
                raise Failed("The live read model comes from another broker than this one.")
            targets[where] = max(row["next_offset"], self._begins[where])
        if any(it < self.reached[where] for where, it in targets.items()):
            raise Failed("The live consumer has begun again from the beginning: the broker has lost records.")
        return targets

    async def up_to(
        self, targets: Mapping[TopicPartition, int], tell: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Never beyond: what was applied cannot be taken back."""
        self._aside = await read_set_aside(self._shadow.model, self._group, self._kind, self._connection)
        missing = {it for it, target in targets.items() if self.reached[it] < target}
        self._client.assign(sorted(missing))
        for it in missing:
            self._client.seek(it, self.reached[it])
        last = time.monotonic()
        while missing:
            found = await self._client.getmany(*missing, timeout_ms=POLL_MS, max_records=MOST_RECORDS)
            if found:
                await self._take(found, targets)
                missing = {it for it in missing if self.reached[it] < targets[it]}
                last = time.monotonic()
                if tell:
                    await tell()
            elif time.monotonic() - last > PATIENCE:
                raise TimeoutError("the broker gives no records")

    async def settle(self) -> None:
        """What was left out because it was parked, and has been handled by now, is applied after all."""
        now = await read_set_aside(self._shadow.model, self._group, self._kind, self._connection)
        still: list[Head] = []
        back: list[Received] = []
        for it in self._left_out:
            if now.leaves_out(it.fact, it.record):
                still.append(it)
            elif it.received is not None:
                back.append(it.received)
        self._left_out = still
        await self._shadow.apply(back)

    async def check(self) -> None:
        """Raises ``Failed`` where the topics do not hold all that the live read model has been told."""
        reached = await self._shadow.seen({stream for stream, _ in self._gaps})
        gaps = [(stream, it) for stream, it in self._gaps if reached.get(stream, 0) < it]
        if gaps:
            stream, version = gaps[0]
            raise Failed(
                f"{len(gaps)} facts lack the ones before them, the first is version {version} of {stream}."
            )
        if missing := await self._shadow.missing_streams(self._group):
            raise Failed(
                f"The topics hold less of {missing} streams than the live read model has been told: is a"
                " broker that lost records being filled again? Try again when it is."
            )

    async def _take(
        self, found: Mapping[TopicPartition, Sequence[Record]], targets: Mapping[TopicPartition, int]
    ) -> None:
        wanted = [it for where, records in found.items() for it in records if it.offset < targets[where]]
        heads, unreadable = read_heads(wanted, self._types, self._aside)
        seen = await self._shadow.seen({it.fact[0] for it in heads})
        sifted = sift(heads, seen, self._aside)
        async with self._connection.transaction():
            await self._shadow.note(sifted.versions)
            await self._shadow.apply(sifted.new)
        self._gaps += sifted.gaps
        self._left_out += sifted.left_out
        self._unreadable += unreadable
        for where, records in found.items():
            self.reached[where] = min(records[-1].offset + 1, targets[where])
