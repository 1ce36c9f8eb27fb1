"""The offsets of every consumer group, as the databases have them."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlsplit

import asyncpg
from aiokafka import TopicPartition

from contracts.topology import SERVICES
from kernel.messaging.broker import end_offsets
from kernel.messaging.connection import KafkaConnection
from tests.proofs.chaos.quiescence import until_nothing
from tests.support.stack import RunningStack

DATABASES = tuple(it.database for it in SERVICES)
PLACES = "SELECT grp, topic, part, next_offset FROM consumer_offset"
PARKED = "SELECT grp, reason, count(*) FROM parked WHERE resolved_at IS NULL GROUP BY 1, 2 ORDER BY 1, 2"


async def until_read(stack: RunningStack, within: float) -> list[str]:
    """Wait until everything is read. Returns what is not at the time limit."""
    return await until_nothing(lambda: _behind(stack), within)


async def unaccounted(stack: RunningStack, consumed: Counter[str]) -> list[str]:
    """Groups that have read more or fewer records than their metrics count."""
    read: Counter[str] = Counter()
    for (group, _), place in (await _places(stack)).items():
        read[group] += place
    return [
        f"{group} has read {count} records and accounts for {consumed[group]}"
        for group, count in read.items()
        if consumed[group] != count
    ]


async def parked(stack: RunningStack) -> list[str]:
    rows = [row for name in DATABASES for row in await _fetch(stack, name, PARKED)]
    return [f"parked by {group:<32} {reason:<15} {count:>6}" for group, reason, count in rows]


async def _places(stack: RunningStack) -> dict[tuple[str, TopicPartition], int]:
    return {
        (group, TopicPartition(topic, part)): place
        for name in DATABASES
        for group, topic, part, place in await _fetch(stack, name, PLACES)
    }


async def _behind(stack: RunningStack) -> list[str]:
    places = await _places(stack)
    ends = await end_offsets(KafkaConnection(stack.addresses.kafka), {partition for _, partition in places})
    return [
        f"{group} stands at {place} of {ends[partition]} in {partition.topic}/{partition.partition}"
        for (group, partition), place in places.items()
        if place < ends[partition]
    ]


async def _fetch(stack: RunningStack, database: str, query: str) -> list[asyncpg.Record]:
    url = urlsplit(stack.addresses.postgres)._replace(path=f"/{database}").geturl()
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(query)
    finally:
        await connection.close()
