"""A proxy between a service and its database that can drop the confirmation of a commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from devstack import ports

BEGIN, COMMIT = b"BEGIN;", b"COMMIT;"
CHUNK = 65_536


@dataclass
class Wire:
    """``cut_after``: drop the confirmation of the transaction, or single statement, that has sent these
    bytes."""

    url: str
    cut_after: bytes | None = None
    cut: asyncio.Event = field(default_factory=asyncio.Event)
    hang_up: bool = False
    """Close the connection as well; otherwise it stays silent."""
    for_good: bool = False
    """Refuse all connections after the cut."""

    async def carry(
        self, ours: asyncio.StreamReader, back: asyncio.StreamWriter, host: str, port: int
    ) -> None:
        if self.for_good and self.cut.is_set():
            back.close()
            return
        server, to_server = await asyncio.open_connection(host, port)
        silent = asyncio.Event()
        answers = asyncio.create_task(_pass_on(server, back, silent))
        written, in_transaction = b"", False
        try:
            while data := await ours.read(CHUNK):
                in_transaction = in_transaction or BEGIN in data
                written = written + data if in_transaction and BEGIN not in data else data
                commits = COMMIT in data or not in_transaction
                if self.cut_after and commits and self.cut_after in written:
                    silent.set()
                    self.cut_after = None
                in_transaction = in_transaction and COMMIT not in data
                to_server.write(data)
                await to_server.drain()
                if silent.is_set():
                    await answers
                    self.cut.set()
                    if self.hang_up:
                        return
        finally:
            for it in (to_server, back):
                it.close()
            answers.cancel()


async def _pass_on(server: asyncio.StreamReader, back: asyncio.StreamWriter, silent: asyncio.Event) -> None:
    """Forward the server's data until the first response to drop, or the end of the connection."""
    while data := await server.read(CHUNK):
        if silent.is_set():
            return
        back.write(data)
        await back.drain()
    back.close()


@asynccontextmanager
async def wired(url: str) -> AsyncIterator[Wire]:
    """A proxy to the database at ``url``; its connections end with the block."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    name, _, number = host.partition(":")
    port = ports.free()
    wire = Wire(urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{port}")))
    carrying: set[asyncio.Task[None]] = set()

    async def accept(ours: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task:
            carrying.add(task)
        # a task of a stream server must not end as cancelled: the server would report it as an error
        with suppress(OSError, asyncio.CancelledError):
            await wire.carry(ours, back, name, int(number))

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    try:
        yield wire
    finally:
        server.close()
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)
