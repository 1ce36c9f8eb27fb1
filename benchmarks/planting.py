"""Plant copies of past purchases in the topics or in a service's log."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import asyncpg
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.partitioner import DefaultPartitioner

from benchmarks.history import History
from contracts.topology import PARTITIONS
from kernel.messaging.broker import cluster_id, end_offsets
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.headers import headers_of
from kernel.postgres.advisory_locks import RELAY_LEADER
from kernel.store.changes import LOG_COLUMNS, LogRow

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

BATCH_BYTES = 500_000
ALL_PARTITIONS = list(range(PARTITIONS))
NO_TIMEOUTS = "SET statement_timeout = 0; SET lock_timeout = 0"
HALT_CONSUMERS = "LOCK TABLE consumer_offset IN EXCLUSIVE MODE"
SAVE_OFFSET = """
    INSERT INTO consumer_offset VALUES ($1, $2, $3, $4, 1, $5)
    ON CONFLICT (grp, topic, part) DO UPDATE SET next_offset = excluded.next_offset
"""
END_RELAYS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE '% relay'
"""
LOCK_RELAY = "SELECT pg_advisory_lock($1)"
MOVE_RELAY = "UPDATE relay_cursor SET position = (SELECT max(position) FROM log)"


async def into_topics(
    histories: Mapping[str, History], blocks: int, bootstrap: str, database: str, groups: Sequence[str]
) -> int:
    """Publish ``blocks`` copies of each history. Afterwards the groups whose offsets are in ``database``
    stand behind them, as if they had handled them all."""
    connection = await asyncpg.connect(database)
    sent = 0
    try:
        await connection.execute(NO_TIMEOUTS)
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, max_batch_size=BATCH_BYTES)
        async with connection.transaction(), producer:
            await connection.execute(HALT_CONSUMERS)
            for service, past in histories.items():
                for rows in past.copies(blocks):
                    await _send(producer, rows, f"/feira/{service}".encode())
                    versions = {row.stream_id: row.version for row in rows}
                    seen = [(group, *it) for group in groups for it in versions.items()]
                    await connection.copy_records_to_table("consumer_seen", records=seen)
                    sent += len(rows)
            broker = await cluster_id(KafkaConnection(bootstrap))
            for group in groups:
                partitions = [
                    TopicPartition(row["topic"], row["part"]) for row in await _partitions(connection, group)
                ]
                for where, end in (await end_offsets(KafkaConnection(bootstrap), partitions)).items():
                    await connection.execute(SAVE_OFFSET, group, where.topic, where.partition, broker, end)
        await connection.execute("VACUUM ANALYZE consumer_seen")
    finally:
        await connection.close()
    return sent


async def _partitions(connection: Connection, group: str) -> list[asyncpg.Record]:
    return await connection.fetch("SELECT topic, part FROM consumer_offset WHERE grp = $1", group)


async def _send(producer: AIOKafkaProducer, rows: Iterable[LogRow], source: bytes) -> None:
    partitioner = DefaultPartitioner()
    parts: defaultdict[tuple[str, int], list[LogRow]] = defaultdict(list)
    for row in rows:
        parts[row.topic, partitioner(str(row.key).encode(), ALL_PARTITIONS, ALL_PARTITIONS)].append(row)
    await asyncio.gather(*(_send_part(producer, *where, part, source) for where, part in parts.items()))


async def _send_part(
    producer: AIOKafkaProducer, topic: str, part: int, rows: Sequence[LogRow], source: bytes
) -> None:
    """As the relay does, but in batches built here."""
    waiting = list(reversed(rows))
    while waiting:
        batch = producer.create_batch()
        while waiting and _added(batch, waiting[-1], source):
            waiting.pop()
        await (await producer.send_batch(batch, topic, partition=part))


def _added(batch: object, row: LogRow, source: bytes) -> bool:
    key, headers = str(row.key).encode(), headers_of(row._asdict(), source, b"1")
    return batch.append(key=key, value=row.body, timestamp=None, headers=headers) is not None  # type: ignore[attr-defined]  # the library ships no types


async def into_log(past: History, blocks: int, database: str) -> None:
    """Append ``blocks`` copies, which count as published: the relay is ended, and the next one finds its
    cursor behind them."""
    connection = await asyncpg.connect(database)
    try:
        await connection.execute(NO_TIMEOUTS)
        leading = asyncio.create_task(connection.execute(LOCK_RELAY, RELAY_LEADER))
        await _end_relays(database, leading)
        for rows in past.copies(blocks):
            await connection.copy_records_to_table("log", records=rows, columns=LOG_COLUMNS)
        await connection.execute(MOVE_RELAY)
        await connection.execute("VACUUM ANALYZE log")
    finally:
        await connection.close()


async def _end_relays(database: str, leading: asyncio.Task[str]) -> None:
    other = await asyncpg.connect(database)
    try:
        while not leading.done():
            await other.execute(END_RELAYS)
            await asyncio.wait({leading}, timeout=0.1)
    finally:
        await other.close()
