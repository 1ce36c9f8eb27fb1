"""Limits of requests before any route: slow bodies, and disconnects."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.types import ASGIApp, Message

from kernel.http import problems
from kernel.http.middleware import RequestLimits, RequestLogging

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def app() -> ASGIApp:
    app = FastAPI()
    problems.register(app)

    @app.post("/")
    async def size(request: Request) -> int:
        return len(await request.body())

    @app.get("/left")
    async def left(request: Request) -> bool:
        """Waits for a disconnect, like a stream of events."""
        await request.body()
        async with asyncio.timeout(30):
            message = await request.receive()
        return bool(message["type"] == "http.disconnect")

    return RequestLogging(RequestLimits(app, body_seconds=1))


@pytest.fixture
async def client(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        yield client


async def test_waiting_for_a_body_has_a_limit(client: httpx.AsyncClient) -> None:
    async def stuck() -> AsyncIterator[bytes]:
        yield b"["
        await asyncio.Event().wait()

    response = await client.post("/", content=stuck(), headers=JSON)

    assert response.status_code == 408
    assert response.json()["code"] == "REQUEST_TIMEOUT"
    assert response.headers["connection"] == "close"


async def test_a_body_in_pieces_is_accepted_if_it_arrives_in_time(client: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b" " * 1000

    assert (await client.post("/", content=pieces(), headers=JSON)).json() == 10_000


async def test_the_time_after_the_body_is_not_limited(app: ASGIApp) -> None:
    events: asyncio.Queue[Message] = asyncio.Queue()
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/left", "query_string": b"", "headers": []}
    gone: Message = {"type": "http.disconnect"}
    events.put_nowait({"type": "http.request", "body": b"", "more_body": False})
    asyncio.get_running_loop().call_later(1.3, events.put_nowait, gone)
    await app(scope, events.get, send)

    assert sent[-1]["body"] == b"true"
