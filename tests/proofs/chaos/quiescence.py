"""Wait until a stack is quiescent, or list what is still in progress."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import asyncpg
from aiokafka import TopicPartition

from contracts.topology import PUBLISHERS, SERVICE_NAMES
from kernel.messaging.broker import end_offsets
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.transient import is_transient
from tests.support.stack import RunningStack

BEHIND = """
    SELECT (SELECT coalesce(max(position), 0) FROM log) - (SELECT position FROM relay_cursor)
"""
OPEN = """
    SELECT stream_id FROM log WHERE type = 'checkout.started' AND stream_id NOT IN
        (SELECT stream_id FROM log WHERE type IN ('checkout.completed', 'checkout.failed'))
"""
OFFSETS = "SELECT grp, topic, part, next_offset FROM consumer_offset"
PARKED = "SELECT grp || ': ' || reason || ' ' || coalesce(type, '?') FROM parked WHERE resolved_at IS NULL"
LOOK_EVERY = 0.5
LOOK_WITHIN = 20.0


async def until_quiet(stack: RunningStack, buying: Callable[[], int], limit: float) -> list[str]:
    """Wait until nothing is in progress. Returns what still is at the time limit."""

    async def still() -> list[str]:
        own = [f"{count} purchases are not over"] if (count := buying()) else []
        async with asyncio.timeout(LOOK_WITHIN):
            return own + await _open(stack)

    return await until_nothing(still, limit)


async def until_nothing(look: Callable[[], Awaitable[list[str]]], limit: float) -> list[str]:
    """Repeat ``look`` until it returns nothing. Returns its last result at the time limit. Outages count as
    something in progress."""
    deadline = time.monotonic() + limit
    while True:
        try:
            still = await look()
        except Exception as away:
            if not is_transient(away):
                raise
            still = [f"a part is not available: {away!r}"]
        if not still or time.monotonic() > deadline:
            return still
        await asyncio.sleep(LOOK_EVERY)


async def _open(stack: RunningStack) -> list[str]:
    still = [f"{it['name']} is {it['state']}" for it in stack.status()["processes"] if it["state"] != "ready"]
    for name in SERVICE_NAMES:
        connection = await asyncpg.connect(stack.addresses.databases[name], timeout=5)
        try:
            if name in PUBLISHERS and (behind := await connection.fetchval(BEHIND)):
                still.append(f"the relay of {name} is {behind} behind")
            if name == "checkout-saga":
                still += [f"checkout {row[0]} is open" for row in await connection.fetch(OPEN)]
            places = await connection.fetch(OFFSETS)
            still += [f"{name} has parked {row[0]}" for row in await connection.fetch(PARKED)]
        finally:
            connection.terminate()
        ends = await end_offsets(
            KafkaConnection(stack.addresses.kafka), {TopicPartition(it["topic"], it["part"]) for it in places}
        )
        for it in places:
            left = ends[TopicPartition(it["topic"], it["part"])] - it["next_offset"]
            if left:
                still.append(f"{it['grp']} is {left} behind in {it['topic']}/{it['part']}")
    return still
