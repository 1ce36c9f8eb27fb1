"""Publish messages and measure how fast a consumer handles them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias

from aiokafka import AIOKafkaProducer

from kernel.messaging.batch import Guard
from kernel.messaging.consumer import GroupMember
from kernel.messaging.headers import Headers
from kernel.postgres.service_pool import ServicePool
from kernel.store.writing import Connection
from tests.support.running import running

PAGE = 1000
POLL_SECONDS = 0.02
HANDLED = "SELECT coalesce(sum(next_offset), 0)::bigint FROM consumer_offset WHERE grp = $1"

ConsumerOf: TypeAlias = "Callable[[Guard], GroupMember]"


class Outgoing(NamedTuple):
    topic: str
    key: bytes
    body: bytes
    headers: Headers


class Speed(NamedTuple):
    a_second: float
    cpu_us: float
    """Microseconds of this process for each message, without the servers."""


async def publish(bootstrap: str, messages: Iterable[Outgoing]) -> None:
    """Publish the messages in this order."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, max_batch_size=131_072)
    async with producer:
        sent = []
        for it in messages:
            sent.append(await producer.send(it.topic, it.body, key=it.key, headers=it.headers))
            if len(sent) == PAGE:
                await asyncio.gather(*sent)
                sent.clear()
        await asyncio.gather(*sent)


async def measure_consumer(group: str, pool: ServicePool, until: int, consumer_of: ConsumerOf) -> Speed:
    """Run the consumer from the group's offsets until they add up to ``until``; measured from the
    begin of the first batch.

    ``consumer_of`` gets a guard that every batch calls: its first call marks the begin.
    """
    before = await pool.fetchval(HANDLED, group)
    began: list[tuple[float, float]] = []

    async def first(_: Connection) -> None:
        if not began:
            began.append((time.perf_counter(), time.process_time()))

    async with running(consumer_of(first).run()):
        while (now := await pool.fetchval(HANDLED, group)) < until:  # noqa: ASYNC110  # only the database knows
            await asyncio.sleep(POLL_SECONDS)
        ended, busy = time.perf_counter(), time.process_time()
    (began_at, busy_then), *_ = began
    handled = now - before
    return Speed(handled / (ended - began_at), (busy - busy_then) / handled * 1e6)
