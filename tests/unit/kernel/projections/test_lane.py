"""A lane that reads alone goes on after every error, until its partitions are taken from it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kernel.messaging.batch import Handler
from kernel.messaging.connection import KafkaConnection
from kernel.observability.health import Heartbeats
from kernel.projections.lane import Lane
from kernel.projections.rebuild.version_gate import VersionGate
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
