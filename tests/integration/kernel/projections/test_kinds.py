"""Each kind of read model, on PostgreSQL: rows depend only on the facts, whatever happens to batches."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

import pytest
from aiokafka import TopicPartition
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.messaging.batch_consumer import BatchConsumer
from kernel.messaging.clients import KafkaConsumer
from kernel.messaging.deduplication import Record
from kernel.messaging.inbound import read_envelope
from kernel.postgres.service_pool import ServicePool
from kernel.projections.model import ReadModel
from kernel.projections.projector import Projector
from kernel.projections.rebuild.diff import compare, compared_tables
from kernel.projections.rebuild.shadow import Shadow
from kernel.projections.rebuild.swap import lock_writers, swap
from kernel.store.event_store import EventStore
from kernel.store.writing import Connection
from tests.integration.kernel.projections.toys import KINDS
from tests.support.database import service_pool
from tests.support.purchases import Happening, Purchase
from tests.unit.projections.expected_rows import facts_of, interleavings

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SPOILT = {
    "toy_count": ("toy_count SET orders = orders + 1", "toy_known SET orders = orders + 1"),
    "toy_list": ("toy_list SET total = total + 1",),
    "toy_day": ("toy_day SET facts = facts + 1",),
}
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda it: type(it).__name__)


class Crash(Exception):
    pass


class FakeClient:
    """Topics that are read from offset 0 on."""

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset()

    def seek(self, partition: TopicPartition, offset: int) -> None:
        pass

    async def beginning_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        return dict.fromkeys(partitions, 0)

    async def end_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        return dict.fromkeys(partitions, 1_000_000)


def orders(tenant: str) -> list[Purchase]:
    """One that is paid, one that is not, one that is cancelled afterwards, one with several lines."""
    lines = (("mug", 1, 1000), ("cap", 2, 500))
    return [
        Purchase(1, NOON, tenant=tenant).order().capture(),
        Purchase(2, NOON, tenant=tenant).order(),
        Purchase(3, NOON, tenant=tenant).order().capture().later(days=1).cancel_order(),
        Purchase(4, NOON, lines, tenant=tenant).order().later(hours=30).capture(),
    ]


def records_of(facts: Sequence[Happening]) -> list[Record]:
    """With consecutive offsets in each partition."""
    ends: Counter[int] = Counter()
    records = []
    for fact in facts:
        part = fact.record().partition
        records.append(fact.record(ends[part]))
        ends[part] += 1
    return records


@each_kind
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_any_interleaving_and_repetition_in_any_batches_gives_the_rows_of_one_pass(
    kind: ReadModel, toys: Database, data: st.DataObject
) -> None:
    facts = [it for it in facts_of(*orders(str(uuid4()))) if it.fact.TYPE in kind.types]
    order = data.draw(interleavings(facts))
    again = data.draw(st.lists(st.sampled_from(order), max_size=6))
    records = records_of([*order, *again, *order])
    cuts = sorted(data.draw(st.sets(st.integers(1, len(records) - 1), max_size=6)))
    batches = [records[a:b] for a, b in zip([0, *cuts], [*cuts, len(records)], strict=True)]
    asyncio.run(_live_is_like_one_pass(kind, toys, batches, facts))


async def _live_is_like_one_pass(
    kind: ReadModel, toys: Database, batches: Sequence[Sequence[Record]], facts: Sequence[Happening]
) -> None:
    async with service_pool(toys, size=4) as pool:
        await _empty(kind, pool)
        await consume(kind, pool, batches)
        async with pool.acquire() as connection:
            shadow = await shadow_of(kind, facts, connection)
            assert await differences(kind, connection) == 0, shadow


@each_kind
async def test_a_crash_before_the_commit_leaves_nothing_and_the_next_try_everything(
    kind: ReadModel, toys: Database
) -> None:
    facts = [it for it in facts_of(*orders("crash")) if it.fact.TYPE in kind.types]
    messages = [read_envelope(it, MESSAGES) for it in records_of(facts)]
    async with service_pool(toys, size=4) as pool:
        await _empty(kind, pool)
        async with pool.acquire() as connection:
            with pytest.raises(Crash):
                async with connection.transaction():
                    await Projector(kind).apply(messages, connection)
                    raise Crash
            assert await contents(kind, connection) == []
            async with connection.transaction():
                await Projector(kind).apply(messages, connection)
            await shadow_of(kind, facts, connection)
            assert await differences(kind, connection) == 0


@each_kind
async def test_a_verification_finds_wrong_missing_and_foreign_rows_and_a_swap_puts_them_right(
    kind: ReadModel, toys: Database
) -> None:
    facts = [it for it in facts_of(*orders("swap")) if it.fact.TYPE in kind.types]
    async with service_pool(toys, size=4) as pool:
        await _empty(kind, pool)
        await consume(kind, pool, [records_of(facts)])
        async with pool.acquire() as connection:
            right = await contents(kind, connection)
            for table in SPOILT[kind.name]:
                await connection.execute(f"UPDATE {table}")
            shadow = await shadow_of(kind, facts, connection)
            assert await differences(kind, connection) == len(right)
            async with connection.transaction():
                await lock_writers(shadow, connection)
                await swap(shadow, connection)
            assert await contents(kind, connection) == right
            assert await differences(kind, connection) == 0


async def consume(kind: ReadModel, pool: ServicePool, batches: Sequence[Sequence[Record]]) -> None:
    """Through deduplication and the offsets, as a lane does."""
    client = cast("KafkaConsumer", FakeClient())
    consumer = BatchConsumer(kind.scope, [Projector(kind)], EventStore(pool, MESSAGES))
    consumer.offsets.cluster_id = "a cluster"
    topics = {record.topic for batch in batches for record in batch}
    await consumer.offsets.seek(client, [TopicPartition(it, n) for it in topics for n in range(6)])
    for batch in batches:
        fetched: dict[TopicPartition, list[Record]] = {}
        for record in batch:
            fetched.setdefault(TopicPartition(record.topic, record.partition), []).append(record)
        await consumer.handle(client, fetched, await consumer.new_offsets(client, fetched))


async def shadow_of(kind: ReadModel, facts: Sequence[Happening], connection: Connection) -> Shadow:
    """One pass over all facts."""
    shadow = Shadow(kind, connection)
    await shadow.create()
    await shadow.apply([read_envelope(it, MESSAGES) for it in records_of(facts)])
    await shadow.analyze()
    return shadow


async def differences(kind: ReadModel, connection: Connection) -> int:
    async with connection.transaction():
        return (await compare(compared_tables(kind), connection)).total


async def contents(kind: ReadModel, connection: Connection) -> list[Any]:
    """The rows of all tables, without the states of subjects."""
    names = [kind.qualified(table.name) for table in kind.tables if "state" not in table.values]
    queries = [f"SELECT * FROM {name} ORDER BY 1, 2, 3" for name in names]  # noqa: S608  # names of toy tables
    return [tuple(row) for query in queries for row in await connection.fetch(query)]


async def _empty(kind: ReadModel, pool: ServicePool) -> None:
    for table in kind.tables:
        await pool.execute(f"DELETE FROM {kind.qualified(table.name)}")  # noqa: S608  # names of toy tables
    await pool.execute("DELETE FROM read_model_state WHERE name = $1", kind.name)
    await pool.execute("UPDATE consumer_offset SET next_offset = 0 WHERE grp = $1", kind.scope)
