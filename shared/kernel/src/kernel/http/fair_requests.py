"""Fair scheduling of requests: each tenant has a share, so that none waits behind the backlog of another."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kernel.http.auth import KeyRing, Principal
from kernel.http.middleware import PROBE_PATHS
from kernel.http.problems import rate_limited, unavailable
from kernel.limits.fair_queue import FairQueue, QueueFull, Turn
from kernel.limits.request_rates import RequestRates
from kernel.observability.metrics.http import RATE_LIMITED

MAX_CONCURRENT = 64
MAX_WAITING = 2048
"""Sums of weights, see ``_weight``; ``MAX_WAITING`` is for one tenant, and takes a process some seconds."""
MAX_WAIT_SECONDS = 10.0
"""For its turn; the request is then refused."""
BYTES_PER_WEIGHT = 1024
"""Parsing, storing and responding cost in proportion to the body: 16 KiB weigh like 17 small requests."""
ANONYMOUS = ""
"""Callers without a valid key share one share."""

_TURN: ContextVar[Turn | None] = ContextVar("turn", default=None)


def release_turn() -> None:
    """Give the current request's turn back: it only waits from now on."""
    if turn := _TURN.get():
        turn.release()


class FairRequests:
    """Middleware, with the rate limits. A request holds its turn from the end of its body to the
    start of its response: a slow upload or a stream of minutes holds none."""

    def __init__(
        self,
        app: ASGIApp,
        keys: KeyRing,
        max_concurrent: int = MAX_CONCURRENT,
        rates: RequestRates | None = None,
    ) -> None:
        self._app = app
        self._keys = keys
        self._rates = rates or RequestRates()
        self._queue = FairQueue(max_concurrent, MAX_WAITING)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in PROBE_PATHS:
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        caller = await self._find_caller(headers.get(b"authorization", b""))
        if caller:
            self._count(caller)
        tenant = caller.tenant if caller else ANONYMOUS
        size = 0
        if headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers:
            size, receive = await _buffer_body(receive)
        try:
            async with (
                asyncio.timeout(MAX_WAIT_SECONDS) as timeout,
                self._queue.turn(tenant, _weight(size)) as turn,
            ):
                timeout.reschedule(None)
                await self._run(turn, scope, receive, send)
        except QueueFull:
            raise rate_limited(
                1, "Too many requests of this tenant are waiting already; nothing was done."
            ) from None
        except TimeoutError:
            if not timeout.expired():
                raise
            raise unavailable("The service is overloaded; nothing was done.") from None

    async def _run(self, turn: Turn, scope: Scope, receive: Receive, send: Send) -> None:
        # failpoint: none needed (response)
        async def send_and_release(message: Message) -> None:
            if message["type"] == "http.response.start":
                turn.release()
            await send(message)

        token = _TURN.set(turn)
        try:
            await self._app(scope, receive, send_and_release)
        finally:
            _TURN.reset(token)

    async def _find_caller(self, authorization: bytes) -> Principal | None:
        _, _, key = authorization.decode("latin-1").partition(" ")
        return await self._keys.find(key) if key else None

    def _count(self, caller: Principal) -> None:
        """Raises a ``Problem`` if the caller has reached a limit, before anything of the request is read."""
        exceeded = self._rates.count(caller.tenant, caller.actor)
        if exceeded:
            RATE_LIMITED.labels(exceeded.limit).inc()
            raise rate_limited(
                exceeded.seconds, f"This {exceeded.limit} has sent too many requests; nothing was done."
            )


def _weight(size: int) -> int:
    """``size``: of the body, in bytes."""
    return 1 + size // BYTES_PER_WEIGHT


async def _buffer_body(receive: Receive) -> tuple[int, Receive]:
    """Read the whole body. Returns its size, and a ``receive`` that yields it in one piece and then goes on
    as before."""
    parts: list[bytes] = []
    last: Message = {"more_body": True}
    while last.get("more_body", False):
        last = await receive()
        if last["type"] != "http.request":
            break
        parts.append(last.get("body", b""))
    body = b"".join(parts)
    buffered: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    if last["type"] != "http.request":
        buffered = [last]  # the caller has disconnected

    async def receive_buffered() -> Message:
        return buffered.pop() if buffered else await receive()

    return len(body), receive_buffered
