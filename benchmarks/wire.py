"""A cheap HTTP/1.1 client: kept connections, one request at a time on each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import orjson

LENGTH = b"\r\ncontent-length: "
Json = dict[str, Any]


class Wire:
    """One connection to one service, opened when first needed."""

    def __init__(self, url: str, key: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = str(parts.hostname), int(parts.port or 80)
        self._head = f" HTTP/1.1\r\nHost: {self._host}\r\nAuthorization: Bearer {key}\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._streams:
            self._streams[1].close()

    async def ask(self, method: str, path: str, body: Json | None = None, key: str | None = None) -> Json:
        """The body. ``key``: the idempotency key. Raises ``RuntimeError`` for an unsuccessful status."""
        status, payload = await self.exchange(method, path, b"" if body is None else orjson.dumps(body), key)
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {payload.decode(errors='replace')}")
        parsed: Json = orjson.loads(payload)
        return parsed

    async def exchange(self, method: str, path: str, body: bytes, key: str | None) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        extra = f"Idempotency-Key: {key}\r\n" if key else ""
        if body:
            extra += "Content-Type: application/json\r\n"
        head = f"{method} {path}{self._head}{extra}Content-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        response_head = await reader.readuntil(b"\r\n\r\n")
        begin = response_head.lower().index(LENGTH) + len(LENGTH)
        length = int(response_head[begin : response_head.index(b"\r", begin)])
        return int(response_head[9:12]), await reader.readexactly(length)


@asynccontextmanager
async def wires(url: str, key: str, count: int) -> AsyncIterator[list[Wire]]:
    """Several connections to one service."""
    made = [Wire(url, key) for _ in range(count)]
    try:
        yield made
    finally:
        for it in made:
            await it.__aexit__(None, None, None)
