"""Publish messages and measure how fast a consumer handles them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
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
STALLED_SECONDS = 60.0
"""Without any progress: the consumer does not handle what it was given, so the benchmark fails."""
HANDLED = """
    SELECT coalesce(sum(next_offset), 0)::bigint FROM unnest($1::text[]) WITH ORDINALITY AS given (grp, nth)
    LEFT JOIN consumer_offset USING (grp) GROUP BY nth ORDER BY nth
"""

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


async def measure_consumer(until: Mapping[str, int], pool: ServicePool, consumer_of: ConsumerOf) -> Speed:
    """Run the consumer from the groups' offsets until those of each add up to what ``until`` says; measured
    from the begin of the first batch, in messages of the first group.

    ``consumer_of`` gets a guard that every batch calls: its first call marks the begin. Raises
    ``RuntimeError`` if the offsets stand still.
    """
    before = await _handled(until, pool)
    began: list[tuple[float, float]] = []

    async def first(_: Connection) -> None:
        if not began:
            began.append((time.perf_counter(), time.process_time()))

    async with running(consumer_of(first).run()):
        moved_at, now = time.perf_counter(), before
        while any(has < wanted for has, wanted in zip(now, until.values(), strict=True)):
            await asyncio.sleep(POLL_SECONDS)
            earlier, now = now, await _handled(until, pool)
            moved_at = time.perf_counter() if now != earlier else moved_at
            if time.perf_counter() - moved_at > STALLED_SECONDS:
                raise RuntimeError(
                    f"the offsets stand still: {dict(zip(until, now, strict=True))} of {until}"
                )
        ended, busy = time.perf_counter(), time.process_time()
    (began_at, busy_then), *_ = began
    handled = now[0] - before[0]
    return Speed(handled / (ended - began_at), (busy - busy_then) / handled * 1e6)


async def _handled(groups: Iterable[str], pool: ServicePool) -> list[int]:
    return [row[0] for row in await pool.fetch(HANDLED, list(groups))]
