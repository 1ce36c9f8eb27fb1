"""Requests have their turn by tenant: from when their body is there until their answer begins."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from starlette.types import Message, Receive, Scope, Send

from kernel.http import fair_requests
from kernel.http.auth import KeyRing, Principal
from kernel.http.fair_requests import MAX_WAITING, FairRequests, release_turn
from kernel.http.problems import Problem
from kernel.parsing import MAX_JSON_BYTES


class Keys:
    """Each key is its tenant's name."""

    async def find(self, key: str) -> Principal | None:
        return Principal(key, "admin", "a tester") if key != "unknown" else None


class Service:
    """Does nothing until it is told to go on, and then answers with the body that it has read."""

    def __init__(self, most: int = 2) -> None:
        self.under_way: list[str] = []
        self.go_on = asyncio.Event()
        self.answer_first = False
        self.waits_on_purpose = False
        self._fair = FairRequests(self._answer, cast("KeyRing", Keys()), most)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        whole = (await receive())["body"] if scope["method"] == "POST" else b""
        self.under_way.append(dict(scope["headers"]).get(b"authorization", b"").decode())
        if self.answer_first:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        if self.waits_on_purpose:
            release_turn()
        await self.go_on.wait()
        if not self.answer_first:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": whole})

    async def ask(self, tenant: str | None, *parts: bytes, path: str = "/") -> bytes:
        """The body of the answer."""
        answer: list[Message] = []
        pieces: list[Message] = [
            {"type": "http.request", "body": it, "more_body": it is not parts[-1]} for it in parts
        ]

        async def receive() -> Message:
            return pieces.pop(0)

        async def send(message: Message) -> None:
            answer.append(message)

        headers = [(b"authorization", f"Bearer {tenant}".encode())] if tenant else []
        headers += [(b"transfer-encoding", b"chunked")] if parts else []
        method = "POST" if parts else "GET"
        scope: Scope = {"type": "http", "method": method, "path": path, "headers": headers}
        await self._fair(scope, receive, send)
        return bytes(answer[-1]["body"])

    async def have_asked(self, tenant: str | None, times: int, *parts: bytes) -> None:
        self.kept = [asyncio.create_task(self.ask(tenant, *parts)) for _ in range(times)]
        for _ in range(10):
            await asyncio.sleep(0)


async def test_the_many_of_one_tenant_do_not_keep_another_waiting() -> None:
    service = Service()
    await service.have_asked("demo", 50)
    assert len(service.under_way) == 2
    await service.have_asked("rival", 1)
    assert service.under_way[2:] == ["Bearer rival"]
    await service.have_asked(None, 1)
    await service.have_asked("unknown", 1)
    assert len(service.under_way) == 4  # who is unknown shares one part
    service.go_on.set()
    await asyncio.gather(*service.kept)


async def test_a_body_comes_through_whole_and_large_ones_count_for_more() -> None:
    service = Service(most=64)
    large = b"x" * (48 * 1024)
    await service.have_asked("demo", 3, large[:1000], large[1000:])
    assert len(service.under_way) == 1
    service.go_on.set()
    assert await asyncio.gather(*service.kept) == [large] * 3


async def test_what_only_waits_or_sends_leaves_its_turn_to_others() -> None:
    for how in ("answer_first", "waits_on_purpose"):
        service = Service()
        setattr(service, how, True)
        await service.have_asked("demo", 50)
        assert len(service.under_way) == 50, how
        service.go_on.set()
        await asyncio.gather(*service.kept)


async def test_what_the_machinery_asks_waits_for_nobody() -> None:
    service = Service()
    await service.have_asked(None, 50)
    service.go_on.set()
    assert await service.ask(None, path="/livez") == b""


async def test_more_than_a_tenant_may_have_waiting_are_told_to_come_again() -> None:
    service = Service()
    await service.have_asked("demo", 2 + MAX_WAITING)
    with pytest.raises(Problem) as refused:
        await service.ask("demo")
    assert (refused.value.status_code, refused.value.code) == (429, "RATE_LIMITED")
    assert refused.value.headers is not None
    assert refused.value.headers["Retry-After"]
    with pytest.raises(Problem):
        await service.ask("demo", b"x" * MAX_JSON_BYTES)
    service.go_on.set()
    assert await service.ask("rival") == b""


async def test_nobody_waits_for_a_turn_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fair_requests, "MAX_WAIT_SECONDS", 0.05)
    service = Service()
    await service.have_asked("demo", 2)
    with pytest.raises(Problem) as refused:
        await service.ask("demo")
    assert (refused.value.status_code, refused.value.code) == (503, "UNAVAILABLE")
    await asyncio.sleep(0.1)
    service.go_on.set()
    assert await asyncio.gather(*service.kept) == [b""] * 2  # what has its turn has no such limit
