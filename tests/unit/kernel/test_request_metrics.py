"""Requests are measured by route and status; those that are held open, apart from the others."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from uuid import uuid4

from prometheus_client import REGISTRY
from starlette.types import Message, Receive, Scope, Send

from kernel.http.middleware import RequestLogging
from kernel.http.request_meter import hold


class Service:
    """Responds when it may; ``held``: it first waits for something to happen."""

    def __init__(self, status: int = 200, *, held: bool = False) -> None:
        self.route = f"/{uuid4()}"
        self.status = status
        self.held = held
        self.begun, self.may_end = asyncio.Event(), asyncio.Event()

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        scope["route"] = SimpleNamespace(path=self.route)
        if self.held:
            hold()
            hold()
        self.begun.set()
        await self.may_end.wait()
        if self.status == 0:
            raise asyncio.CancelledError
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def count(self, metric: str, code: str = "code") -> float | None:
        labels = {"method": "GET", "route": self.route, code: str(self.status or 499)}
        return REGISTRY.get_sample_value(f"{metric}_count", labels)


async def _request(service: Service) -> float:
    """Returns how many requests were in flight meanwhile, besides those of others."""

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(_message: Message) -> None:
        pass

    before = _in_flight()
    scope: Scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    running = asyncio.create_task(RequestLogging(service)(scope, receive, send))
    await service.begun.wait()
    meanwhile = _in_flight() - before
    service.may_end.set()
    await asyncio.wait([running])
    assert _in_flight() == before
    return meanwhile


def _in_flight() -> float:
    return REGISTRY.get_sample_value("feira_http_requests_in_flight") or 0.0


async def test_a_request_counts_once_under_the_present_and_the_former_name() -> None:
    service = Service(status=201)
    assert await _request(service) == 1
    assert service.count("feira_http_request_duration_seconds") == 1
    assert service.count("feira_http_request_seconds", "status") == 1
    assert service.count("feira_http_held_seconds") is None


async def test_a_held_request_is_in_no_other_duration_and_not_in_flight() -> None:
    service = Service(held=True)
    assert await _request(service) == 0
    assert service.count("feira_http_held_seconds") == 1
    assert service.count("feira_http_request_duration_seconds") is None


async def test_a_request_that_its_caller_left_counts_as_499() -> None:
    service = Service(status=0)
    assert await _request(service) == 1
    assert service.count("feira_http_request_duration_seconds") == 1
