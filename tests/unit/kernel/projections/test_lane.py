"""A lane that reads alone goes on after every error, until its partitions are taken from it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import ConsumerRecord, TopicPartition

from contracts.topics import MESSAGES
from kernel.messaging.batch import Handler
from kernel.messaging.clients import KafkaConsumer
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.consumer import HEARTBEAT_TIMEOUT
from kernel.messaging.offsets import Offset
from kernel.observability.health import Heartbeats
from kernel.projections.lane import Lane
from kernel.projections.rebuild.version_gate import VersionGate
from kernel.projections.shared_batch import SharedBatch
from kernel.store.cache_backoff import CacheBackoff
from kernel.store.event_store import EventStore


class Gate:
    """Raises these errors, one after the other, and then waits."""

    def __init__(self, errors: Iterator[BaseException]) -> None:
        self._errors = errors
        self.waits = asyncio.Event()

    async def guard(self, _connection: Any) -> None:
        pass

    async def wait_until_current(self) -> None:
        for error in self._errors:
            raise error
        self.waits.set()
        await asyncio.Event().wait()


@pytest.mark.parametrize(
    "error", [ConnectionError("gone"), ValueError("a defect"), asyncio.CancelledError()], ids=repr
)
async def test_it_goes_on_after_an_error_and_after_a_cancellation_by_a_library(error: BaseException) -> None:
    gate = Gate(iter([error]))
    handler, store = SimpleNamespace(scope="projections.toys"), SimpleNamespace(pool=None)
    parts = cast(Handler, handler), cast(EventStore, store), cast(VersionGate, gate)
    lane = Lane((), *parts, KafkaConnection("127.0.0.1:1"), Heartbeats())
    lane.catch_up({})
    await asyncio.wait_for(gate.waits.wait(), 10)
    lane.forget(())


class SilentPool:
    """Never has a connection."""

    def __init__(self) -> None:
        self.is_asked = asyncio.Event()

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[None]:
        self.is_asked.set()
        await asyncio.Event().wait()
        yield


async def test_a_lane_that_is_stuck_in_a_batch_is_stale_and_one_without_work_or_version_is_not() -> None:
    now = 0.0
    heartbeats = Heartbeats(lambda: now)
    gate = Gate(iter([]))
    store = SimpleNamespace(pool=(pool := SilentPool()), messages=MESSAGES, cache_backoff=CacheBackoff())
    handler = SimpleNamespace(scope="projections.toys", types=frozenset())
    parts = cast(Handler, handler), cast(EventStore, store), cast(VersionGate, gate)
    lane = Lane(("cart.events",), *parts, KafkaConnection("127.0.0.1:1"), heartbeats)
    assert heartbeats.waiting() == []
    now = 10_000.0
    assert heartbeats.stale() == [], "it has no work"

    lane.catch_up({})
    await asyncio.wait_for(gate.waits.wait(), 10)
    now += 10_000
    assert heartbeats.stale() == [], "its tables hold another version, which may take hours"
    lane.forget(())

    partition = TopicPartition("cart.events", 0)
    lane.offsets.committed({partition: Offset(0, 0)})
    batch = SharedBatch(
        {partition: [ConsumerRecord("cart.events", 0, 0, 0, 0, b"", b"", 0, 0, 0, ())]}, MESSAGES
    )
    lane.deliver(batch, cast(KafkaConsumer, SimpleNamespace()), {})
    await asyncio.wait_for(pool.is_asked.wait(), 10)
    assert heartbeats.stale() == []
    now += HEARTBEAT_TIMEOUT + 1
    assert heartbeats.stale() == ["read model projections.toys"]
    gate.waits.clear()
    lane.forget((partition,))
    await asyncio.wait_for(gate.waits.wait(), 10)
    lane.forget(())
