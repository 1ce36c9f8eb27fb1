"""Requests hold a turn of their tenant from the end of their body to the start of their response."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from starlette.types import Message, Receive, Scope, Send

from kernel.http import fair_requests
from kernel.http.auth import KeyRing, Principal
from kernel.http.fair_requests import MAX_WAITING, FairRequests, release_turn
from kernel.http.problems import Problem
from kernel.limits.rate_limits import Rate
from kernel.limits.request_rates import Rates, RequestRates
from kernel.parsing import MAX_JSON_BYTES


class Keys:
    """Each key is the name of its tenant."""

    async def find(self, key: str) -> Principal | None:
        return Principal(key, "admin", "a tester") if key != "unknown" else None


class Service:
    """Waits for ``go_on``, and then responds with the body of the request."""

    def __init__(self, most: int = 2, rates: RequestRates | None = None) -> None:
        self.running: list[str] = []
        self.go_on = asyncio.Event()
        self.responds_first = False
        self.waits_on_purpose = False
        self._fair = FairRequests(self._respond, cast("KeyRing", Keys()), most, rates)

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = (await receive())["body"] if scope["method"] == "POST" else b""
        self.running.append(dict(scope["headers"]).get(b"authorization", b"").decode())
        if self.responds_first:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        if self.waits_on_purpose:
            release_turn()
        await self.go_on.wait()
        if not self.responds_first:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    async def send(self, tenant: str | None, *parts: bytes, path: str = "/") -> bytes:
        """Returns the body of the response."""
        response: list[Message] = []
        pieces: list[Message] = [
            {"type": "http.request", "body": it, "more_body": it is not parts[-1]} for it in parts
        ]

        async def receive() -> Message:
            return pieces.pop(0)

        async def collect(message: Message) -> None:
            response.append(message)

        headers = [(b"authorization", f"Bearer {tenant}".encode())] if tenant else []
        headers += [(b"transfer-encoding", b"chunked")] if parts else []
        method = "POST" if parts else "GET"
        scope: Scope = {"type": "http", "method": method, "path": path, "headers": headers}
        await self._fair(scope, receive, collect)
        return bytes(response[-1]["body"])

    async def start(self, tenant: str | None, times: int, *parts: bytes) -> None:
        self.tasks = [asyncio.create_task(self.send(tenant, *parts)) for _ in range(times)]
        for _ in range(10):
            await asyncio.sleep(0)


async def test_the_backlog_of_one_tenant_does_not_delay_another() -> None:
    service = Service()
    await service.start("demo", 50)
    assert len(service.running) == 2
    await service.start("rival", 1)
    assert service.running[2:] == ["Bearer rival"]
    await service.start(None, 1)
    await service.start("unknown", 1)
    assert len(service.running) == 4  # callers without a valid key share one share
    service.go_on.set()
    await asyncio.gather(*service.tasks)


async def test_bodies_arrive_complete_and_large_ones_weigh_more() -> None:
    service = Service(most=64)
    large = b"x" * (48 * 1024)
    await service.start("demo", 3, large[:1000], large[1000:])
    assert len(service.running) == 1
    service.go_on.set()
    assert await asyncio.gather(*service.tasks) == [large] * 3


async def test_a_request_that_only_waits_or_streams_holds_no_turn() -> None:
    for how in ("responds_first", "waits_on_purpose"):
        service = Service()
        setattr(service, how, True)
        await service.start("demo", 50)
        assert len(service.running) == 50, how
        service.go_on.set()
        await asyncio.gather(*service.tasks)


async def test_probes_do_not_wait() -> None:
    service = Service()
    await service.start(None, 50)
    service.go_on.set()
    assert await service.send(None, path="/livez") == b""


async def test_requests_beyond_the_queue_of_a_tenant_are_refused_with_retry_after() -> None:
    service = Service()
    await service.start("demo", 2 + MAX_WAITING)
    with pytest.raises(Problem) as refused:
        await service.send("demo")
    assert (refused.value.status_code, refused.value.code) == (429, "RATE_LIMITED")
    assert refused.value.headers is not None
    assert refused.value.headers["Retry-After"]
    with pytest.raises(Problem):
        await service.send("demo", b"x" * MAX_JSON_BYTES)
    service.go_on.set()
    assert await service.send("rival") == b""


async def test_a_request_that_exceeds_a_rate_is_refused_before_it_is_read() -> None:
    service = Service(rates=RequestRates(Rates(per_tenant=Rate(1, 60))))
    service.go_on.set()
    await service.send("demo")
    with pytest.raises(Problem) as refused:
        await service.send("demo")
    assert (refused.value.status_code, refused.value.code) == (429, "RATE_LIMITED")
    assert refused.value.headers == {"Retry-After": "60"}
    assert len(service.running) == 1
    assert await service.send("demo", path="/livez") == b""
    assert await service.send("rival") == b""
    assert await service.send("unknown") == b""


async def test_waiting_for_a_turn_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fair_requests, "MAX_WAIT_SECONDS", 0.05)
    service = Service()
    await service.start("demo", 2)
    with pytest.raises(Problem) as refused:
        await service.send("demo")
    assert (refused.value.status_code, refused.value.code) == (503, "UNAVAILABLE")
    await asyncio.sleep(0.1)
    service.go_on.set()
    assert await asyncio.gather(*service.tasks) == [b""] * 2  # requests with a turn have no such limit
