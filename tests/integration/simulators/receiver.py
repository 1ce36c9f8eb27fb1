"""What receives a simulated provider's events in its tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def receiving() -> AsyncIterator[tuple[str, asyncio.Queue[tuple[dict[str, str], bytes]], list[int]]]:
    """A merchant's webhook: its address, what it has received, and the statuses it answers next."""
    received: asyncio.Queue[tuple[dict[str, str], bytes]] = asyncio.Queue()
    statuses: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:]
        headers = {name.lower(): value for name, _, value in (it.partition(": ") for it in lines) if name}
        body = await reader.readexactly(int(headers["content-length"]))
        received.put_nowait((headers, body))
        status = statuses.pop(0) if statuses else 200
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", received, statuses
