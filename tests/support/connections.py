"""Connections to an application with a service's limits, and a clock that tests can advance."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.server import ServerState

from kernel.http.deadlines import Limits
from kernel.http.protocol import LimitedProtocol, limited
from tests.support.waiting import until

LIMITS = Limits(request=65, head=10, body=11, answer=600, writing=30, connections=100)
PATIENCE = 20.0


@dataclass
class Caller:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *pieces: bytes) -> None:
        for it in pieces:
            self.writer.write(it)
            await self.writer.drain()

    async def answer(self) -> tuple[int, bytes]:
        """Status and body of the next response."""
        async with asyncio.timeout(PATIENCE):
            head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
            return int(head.split()[1]), await self.reader.readexactly(int(length or 0))

    async def status(self) -> int:
        status, _ = await self.answer()
        return status

    async def rest(self) -> bytes:
        """Everything until the server ends the connection."""
        async with asyncio.timeout(PATIENCE):
            with suppress(ConnectionResetError):
                return await self.reader.read()
        return b""


class Counting(LimitedProtocol):
    received = 0

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self.received += len(data)


@dataclass
class Listening:
    port: int
    state: ServerState
    callers: list[Caller] = field(default_factory=list)

    @property
    def connections(self) -> list[Counting]:
        return [it for it in self.state.connections if isinstance(it, Counting)]

    async def connected(self, **options: int) -> Caller:
        before = set(self.state.connections)
        caller = Caller(*await asyncio.open_connection("127.0.0.1", self.port, **options))
        self.callers.append(caller)
        await until(lambda: bool(set(self.state.connections) - before))
        return caller

    def look(self, after: float) -> None:
        """Check the deadlines as the server does each second, ``after`` seconds from now."""
        now = asyncio.get_running_loop().time()
        for it in self.connections:
            it.close_if_overdue(now + after)


@asynccontextmanager
async def listening(app: ASGIApp, limits: Limits = LIMITS) -> AsyncIterator[Listening]:
    state = ServerState()
    config = Config(app, ws="none", lifespan="off", log_config=None, access_log=False)
    kind = type("CountingLimited", (Counting, limited(limits)), {})
    server = await asyncio.get_running_loop().create_server(lambda: kind(config, state, {}), "127.0.0.1", 0)
    there = Listening(server.sockets[0].getsockname()[1], state)
    try:
        yield there
    finally:
        server.close()
        for caller in there.callers:
            caller.writer.transport.abort()
        for task in state.tasks:
            task.cancel()
        await asyncio.gather(*state.tasks, return_exceptions=True)
