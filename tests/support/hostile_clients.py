"""Clients without a key that try to exhaust a service's memory and connections."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import psutil

TRAILERS_BEGIN = b"POST /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
TRAILERS = b"a:\r\n" * 16_384
REQUESTS = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n" * 2_000
STILL = (
    b"",
    b"\r\n",
    b"GET /livez HT",
    b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Odd",
    b"POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
    b"POST /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n",
    b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n\r\n",
)
"""What idle connections have sent: nothing, a part of a request, or a blank line after a request."""
TRAILING_AT_ONCE = 8


@dataclass(frozen=True)
class Poured:
    taken: int
    """Bytes sent, including those in the buffers of both systems."""
    cut_off: bool


async def pour(url: str, begin: bytes, piece: bytes, most: int, seconds: float) -> Poured:
    """Send up to ``most`` bytes without reading, then wait until the server ends the connection, or the time
    limit."""
    reader, writer = await _connected(url)
    taken, cut_off = 0, False
    try:
        async with asyncio.timeout(seconds):
            writer.write(begin)
            while taken < most:
                writer.write(piece)
                await writer.drain()
                taken += len(piece)
            await ended(reader)
            cut_off = True
    except TimeoutError:
        pass
    except OSError:
        cut_off = True
    finally:
        writer.transport.abort()
    return Poured(taken, cut_off)


async def trailers(url: str, each: int, seconds: float) -> list[Poured]:
    pouring = (pour(url, TRAILERS_BEGIN, TRAILERS, each, seconds) for _ in range(TRAILING_AT_ONCE))
    return await asyncio.gather(*pouring)


async def requests(url: str, size: int, seconds: float) -> Poured:
    """Pipelined requests on one connection, without reading the responses."""
    return await pour(url, b"", REQUESTS, size, seconds)


@asynccontextmanager
async def holding_still(url: str, count: int) -> AsyncIterator[list[asyncio.StreamReader]]:
    """``count`` idle connections, each in one of the states of ``STILL``, until the end of the block."""
    there = await asyncio.gather(*(_connected(url) for _ in range(count)))
    for number, (_, writer) in enumerate(there):
        writer.write(STILL[number % len(STILL)])
    try:
        yield [reader for reader, _ in there]
    finally:
        for _, writer in there:
            writer.transport.abort()


async def ended(reader: asyncio.StreamReader) -> None:
    """Return once the server has ended the connection."""
    with suppress(ConnectionResetError):
        await reader.read()


class Memory:
    """The peak memory of a process while it was watched."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.before = self.most = self._now()

    def _now(self) -> int:
        rss: int = self._process.memory_info().rss
        return rss

    async def watch(self) -> None:
        with suppress(psutil.NoSuchProcess):
            while True:
                self.most = max(self.most, self._now())
                await asyncio.sleep(0.02)


@asynccontextmanager
async def memory_of(pid: int) -> AsyncIterator[Memory]:
    memory = Memory(pid)
    watching = asyncio.create_task(memory.watch())
    try:
        yield memory
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _connected(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection with a small receive buffer."""
    where = urlsplit(url)
    line = socket.socket()
    line.setblocking(False)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    await asyncio.get_running_loop().sock_connect(line, (where.hostname, where.port))
    return await asyncio.open_connection(sock=line)
