"""Requests of all tenants are worked on in fair parts: none waits behind the many of another."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kernel.fair_queue import FairQueue, QueueFull, Turn
from kernel.http.auth import KeyRing
from kernel.http.middleware import QUIET
from kernel.http.problems import Problem, unavailable

MOST_AT_ONCE = 64
MOST_WAITING = 2048
"""Weights: see ``weight_of``. A process has worked through so many within seconds."""
PATIENCE = 10.0
"""Seconds that a request waits for its turn."""
BYTES_OF_ONE = 1024
"""A body costs in parsing, storing and answering what it is long: 16 KiB weigh like 17 small requests."""
NOBODY = ""
"""Callers without a key that is known here share one part."""

_TURN: ContextVar[Turn | None] = ContextVar("turn", default=None)


def stand_aside() -> None:
    """The request that runs here only waits from now on: its turn is somebody else's."""
    if turn := _TURN.get():
        turn.release()


def weight_of(size: int) -> int:
    return 1 + size // BYTES_OF_ONE


class FairRequests:
    """A request has its turn from when its body is there until its answer begins: what is sent slowly, or
    streamed for minutes, costs nothing meanwhile."""

    def __init__(self, app: ASGIApp, keys: KeyRing, most: int = MOST_AT_ONCE) -> None:
        self._app = app
        self._keys = keys
        self._shares = FairQueue(most, MOST_WAITING)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in QUIET:
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        tenant = await self._tenant_of(headers.get(b"authorization", b""))
        size = 0
        if headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers:
            size, receive = await _whole(receive)
        try:
            async with (
                asyncio.timeout(PATIENCE) as patience,
                self._shares.turn(tenant, weight_of(size)) as turn,
            ):
                patience.reschedule(None)
                await self._have_turn(turn, scope, receive, send)
        except QueueFull:
            raise _too_many() from None
        except TimeoutError:
            if not patience.expired():
                raise
            raise unavailable("Too much is being done at the same time; nothing was done.") from None

    async def _have_turn(self, turn: Turn, scope: Scope, receive: Receive, send: Send) -> None:
        # failpoint: none needed (response)
        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                turn.release()
            await send(message)

        before = _TURN.set(turn)
        try:
            await self._app(scope, receive, tell)
        finally:
            _TURN.reset(before)

    async def _tenant_of(self, authorization: bytes) -> str:
        _, _, key = authorization.decode("latin-1").partition(" ")
        found = await self._keys.find(key) if key else None
        return found.tenant if found else NOBODY


async def _whole(receive: Receive) -> tuple[int, Receive]:
    """The body's size, and what gives it once more, as one piece, and then goes on."""
    parts: list[bytes] = []
    last: Message = {"more_body": True}
    while last.get("more_body", False):
        last = await receive()
        if last["type"] != "http.request":
            break
        parts.append(last.get("body", b""))
    body = b"".join(parts)
    kept: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    if last["type"] != "http.request":
        kept = [last]  # the caller has left

    async def take() -> Message:
        return kept.pop() if kept else await receive()

    return len(body), take


def _too_many() -> Problem:
    return Problem(
        429,
        "RATE_LIMITED",
        "Too many requests of this tenant wait already; nothing was done.",
        headers={"Retry-After": "1"},
    )
