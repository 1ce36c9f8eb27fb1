"""A small TCP load balancer: new connections go in turn to the replicas that are ready."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from devstack import probes

HOST = "127.0.0.1"
PROBE_EVERY = 0.2
"""Seconds. A replica that is not ready any more still gets connections for so long."""
PIECE = 64 * 1024


@dataclass
class Replica:
    port: int
    admin_port: int
    ready: bool = False


class LoadBalancer:
    """Bytes are copied both ways and never repeated: a request that a replica loses is lost."""

    def __init__(self) -> None:
        self._replicas: list[Replica] = []
        self._turn = 0

    async def add(self, replica: Replica) -> None:
        """New connections may go to a ready replica as soon as this returns."""
        await self._probe(replica)
        self._replicas.append(replica)

    def remove(self, replica: Replica) -> None:
        """It gets no new connection from now on."""
        self._replicas.remove(replica)

    async def probe(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.gather(*(self._probe(it) for it in self._replicas))
            await asyncio.sleep(PROBE_EVERY)

    @staticmethod
    async def _probe(replica: Replica) -> None:
        replica.ready = await probes.is_ready(replica.admin_port)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.TaskGroup() as copying:
                there, back = await self._connect()
                copying.create_task(_copy(reader, back))
                copying.create_task(_copy(there, writer))
        except* (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Raises ``OSError`` if no replica is ready."""
        for _ in range(len(self._replicas)):
            self._turn += 1
            replica = self._replicas[self._turn % len(self._replicas)]
            if replica.ready:
                with suppress(ConnectionRefusedError):
                    return await asyncio.open_connection(HOST, replica.port)
        raise ConnectionRefusedError("no replica is ready")


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while piece := await source.read(PIECE):
            sink.write(piece)
            await sink.drain()
    finally:
        sink.close()


@asynccontextmanager
async def balancing(port: int) -> AsyncIterator[LoadBalancer]:
    balancer = LoadBalancer()
    server = await asyncio.start_server(balancer.accept, HOST, port)
    probing = asyncio.create_task(balancer.probe())
    try:
        yield balancer
    finally:
        probing.cancel()
        server.close()
