"""Publish messages, let a consumer take them in, and tell how fast it does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias

from aiokafka import AIOKafkaProducer

from kernel.messaging.batch import Guard
from kernel.messaging.consumer import Consumer
from kernel.messaging.headers import Headers
from kernel.service_pool import ServicePool
from kernel.store.writing import Connection
from tests.support.running import running

PAGE = 1000
LOOK_EVERY = 0.02
TAKEN = "SELECT coalesce(sum(next_offset), 0)::bigint FROM consumer_offset WHERE grp = $1"

ConsumerOf: TypeAlias = "Callable[[Guard], Consumer]"


class Outgoing(NamedTuple):
    topic: str
    key: bytes
    body: bytes
    headers: Headers


class Speed(NamedTuple):
    a_second: float
    cpu_us: float
    """Of this process, for each message; the servers' is not in it."""


async def publish(bootstrap: str, messages: Iterable[Outgoing]) -> None:
    """In this order."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, max_batch_size=131_072)
    async with producer:
        sent = []
        for it in messages:
            sent.append(await producer.send(it.topic, it.body, key=it.key, headers=it.headers))
            if len(sent) == PAGE:
                await asyncio.gather(*sent)
                sent.clear()
        await asyncio.gather(*sent)


async def taken_in(group: str, pool: ServicePool, until: int, consumer_of: ConsumerOf) -> Speed:
    """Go on where the group stands, from the begin of the first batch until so many in all are committed.

    ``consumer_of`` is given a guard that every batch has to ask, which is how the first one is noticed.
    """
    before = await pool.fetchval(TAKEN, group)
    began: list[tuple[float, float]] = []

    async def first(_: Connection) -> None:
        if not began:
            began.append((time.perf_counter(), time.process_time()))

    async with running(consumer_of(first).run()):
        while (now := await pool.fetchval(TAKEN, group)) < until:  # noqa: ASYNC110  # only the database knows
            await asyncio.sleep(LOOK_EVERY)
        ended, busy = time.perf_counter(), time.process_time()
    (began_at, busy_then), *_ = began
    taken = now - before
    return Speed(taken / (ended - began_at), (busy - busy_then) / taken * 1e6)
