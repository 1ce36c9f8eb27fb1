"""What a fault may act on, and what it is expected to cause."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field

import asyncpg
import psutil

from deploy.observability.live.client import PrometheusClient
from deploy.observability.live.server import RunningPrometheus
from tests.proofs.alerts.storm import Storm
from tests.proofs.failpoints.arming import Arming
from tests.support.stack import RunningStack

LOOK_EVERY = 0.05


@dataclass(frozen=True)
class Expected:
    """An alert, and the labels by which it is known to be about this fault."""

    alert: str
    labels: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join((self.alert, *self.labels.values()))


@dataclass
class World:
    stack: RunningStack
    prometheus: RunningPrometheus
    arming: Arming
    storm: Storm

    @property
    def client(self) -> PrometheusClient:
        return self.prometheus.client

    def pid(self, name: str) -> int:
        return int(self.stack.process(name)["pid"] or 0)

    @asynccontextmanager
    async def database(self, service: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
        """As its superuser."""
        connection = await asyncpg.connect(self.stack.addresses.databases[service], timeout=10)
        try:
            yield connection
        finally:
            connection.terminate()


Act = Callable[[World], AbstractAsyncContextManager[None]]


@dataclass(frozen=True)
class Fault:
    name: str
    act: Act
    """The fault lasts as long as its block."""
    causes: tuple[Expected, ...]
    meanwhile: Fault | None = None
    """Another one, injected while the alerts of this one are awaited."""
    then_calm: bool = True
    """Whether to wait afterwards until messages flow: not if the next fault is what this one leaves."""


@asynccontextmanager
async def dying(world: World, name: str) -> AsyncIterator[None]:
    """Kill the process again each time that it is started."""

    async def kill() -> None:
        while True:
            with suppress(ProcessLookupError):
                if pid := world.pid(name):
                    os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(LOOK_EVERY)

    killing = asyncio.create_task(kill())
    try:
        yield
    finally:
        killing.cancel()
        await asyncio.gather(killing, return_exceptions=True)


@asynccontextmanager
async def stopped(pid: int) -> AsyncIterator[None]:
    """Stop a process and all that it has started: they keep their connections, and do nothing."""
    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    try:
        for it in family:
            with suppress(psutil.NoSuchProcess):
                it.suspend()
        yield
    finally:
        for it in family:
            with suppress(psutil.NoSuchProcess):
                it.resume()
