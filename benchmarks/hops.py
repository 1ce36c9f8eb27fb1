"""One process on one side of Kafka: ``python -m benchmarks.hops HOW BOOTSTRAP RATE COUNT [DATABASE_URL]``."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from benchmarks.children import Found, cpu_seconds, start_together, work
from benchmarks.samples import row
from contracts.cart import ItemAdded
from contracts.topics import TOPIC_OF
from contracts.topology import PARTITIONS
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.headers import headers_of
from kernel.messaging.relay import PAGE_SIZE, Relay
from kernel.observability.health import Heartbeats
from kernel.postgres.connections import create_pool
from kernel.store.changes import LOG_COLUMNS, Changes, LogRow
from kernel.store.group_commit import GroupCommitter
from tests.support.database import Pool

TOPIC = TOPIC_OF[ItemAdded.TYPE]
APPEND, SEND, CONSUME = "append", "send", "consume"
CATCH_UP, SEND_ALL = "catch-up", "send-all"
WARM_UP = 500
MAX_BATCH_BYTES = 131_072
GRACE_SECONDS = 10.0
"""Seconds beyond the time in which the records are sent."""

Action = Callable[[LogRow], Coroutine[None, None, None]]


def new_rows(count: int) -> list[LogRow]:
    return [row() for _ in range(count)]


def bare(bootstrap: str) -> AIOKafkaProducer:
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=MAX_BATCH_BYTES,
    )


async def at_rate(rate: int, rows: list[LogRow], do: Action) -> dict[str, float]:
    """Begin ``rate`` actions a second without waiting for earlier ones. Returns when each was due."""
    due: dict[str, float] = {}
    began = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        for number, row in enumerate(rows):
            at = began + number / rate
            if (early := at - time.monotonic()) > 0:
                await asyncio.sleep(early)
            due[str(row.message_id)] = at
            tasks.create_task(do(row))
    return due


async def append(bootstrap: str, rate: int, count: int, url: str) -> Found:
    """Commit to a service's log, from which its relay publishes."""
    async with await create_pool(url, "test") as pool:
        committer = GroupCommitter(pool)

        async def act(it: LogRow) -> None:
            await committer.commit(Changes(rows=[it]))

        relaying = asyncio.create_task(Relay("cart", url, KafkaConnection(bootstrap), Heartbeats()).run())
        await at_rate(rate, new_rows(WARM_UP), act)
        await wait_until_published(pool, WARM_UP)
        rows = new_rows(count)
        await start_together()
        cpu = cpu_seconds()
        due = await at_rate(rate, rows, act)
        await wait_until_published(pool, WARM_UP + count)
        relaying.cancel()
        return {"due": due, "cpu": (cpu_seconds() - cpu) / count * 1e6}


async def wait_until_published(pool: Pool, position: int) -> None:
    """Wait until the relay's cursor has reached the position."""
    while await pool.fetchval("SELECT position FROM relay_cursor") < position:  # noqa: ASYNC110  # there is no event
        await asyncio.sleep(0.01)


async def send(bootstrap: str, rate: int, count: int) -> Found:
    """A bare producer of the same records, which waits for each acknowledgement."""
    acknowledged: dict[str, float] = {}

    async def act(it: LogRow) -> None:
        headers = headers_of(it._asdict(), b"/feira/cart", b"1")
        await producer.send_and_wait(TOPIC, it.body, key=str(it.key).encode(), headers=headers)
        acknowledged[str(it.message_id)] = time.monotonic()

    async with bare(bootstrap) as producer:
        await at_rate(rate, new_rows(WARM_UP), act)
        rows = new_rows(count)
        await start_together()
        cpu = cpu_seconds()
        due = await at_rate(rate, rows, act)
        took = [acknowledged[it] - at for it, at in due.items()]
        return {"took": took, "cpu": (cpu_seconds() - cpu) / count * 1e6}


async def catch_up(bootstrap: str, _rate: int, count: int, url: str) -> Found:
    """A relay alone, with a backlog of ``count`` rows."""
    async with await create_pool(url, "test") as pool:
        position: int = await pool.fetchval("SELECT coalesce(max(position), 0) FROM log")
        await pool.copy_records_to_table("log", records=new_rows(count), columns=LOG_COLUMNS)
        await start_together()
        cpu, began = cpu_seconds(), time.monotonic()
        relaying = asyncio.create_task(Relay("cart", url, KafkaConnection(bootstrap), Heartbeats()).run())
        await wait_until_published(pool, position + count)
        relaying.cancel()
        seconds = time.monotonic() - began
        return {"rate": count / seconds, "cpu": (cpu_seconds() - cpu) / count * 1e6}


async def send_all(bootstrap: str, _rate: int, count: int) -> Found:
    """A bare producer of the same records, page by page."""
    records = [
        (it.body, str(it.key).encode(), headers_of(it._asdict(), b"/feira/cart", b"1"))
        for it in new_rows(count)
    ]
    async with bare(bootstrap) as producer:
        await start_together()
        cpu, began = cpu_seconds(), time.monotonic()
        for start in range(0, count, PAGE_SIZE):
            page = records[start : start + PAGE_SIZE]
            sent = [await producer.send(TOPIC, body, key=key, headers=it) for body, key, it in page]
            await asyncio.gather(*sent)
        seconds = time.monotonic() - began
        return {"rate": count / seconds, "cpu": (cpu_seconds() - cpu) / count * 1e6}


async def consume(bootstrap: str, rate: int, count: int) -> Found:
    """A bare consumer: the time (monotonic) at which it saw each record that came after it was ready."""
    seen: dict[str, float] = {}
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, fetch_max_wait_ms=50)
    async with consumer:
        partitions = [TopicPartition(TOPIC, it) for it in range(PARTITIONS)]
        consumer.assign(partitions)
        await consumer.seek_to_end(*partitions)
        for it in partitions:
            await consumer.position(it)
        await start_together()
        async with asyncio.timeout(count / rate + GRACE_SECONDS):
            while len(seen) < count:
                found = await consumer.getmany(timeout_ms=1000)
                now = time.monotonic()
                for records in found.values():
                    for record in records:
                        seen.setdefault(dict(record.headers)["ce_id"].decode(), now)
    return {"seen": seen}


if __name__ == "__main__":
    how, bootstrap, rate, count, *url = sys.argv[1:]
    ways: dict[str, Callable[..., Coroutine[None, None, Found]]] = {
        APPEND: append,
        SEND: send,
        CONSUME: consume,
        CATCH_UP: catch_up,
        SEND_ALL: send_all,
    }
    work(ways[how](bootstrap, int(rate), int(count), *url))
