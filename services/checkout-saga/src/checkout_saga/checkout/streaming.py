"""Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from checkout_saga.checkout.schemas.views import CheckoutView
from kernel.http.problems import unavailable
from kernel.http.request_meter import hold
from kernel.postgres.connections import is_outage

K = TypeVar("K")

MAX_STREAMS = 1_000
MAX_STREAMS_PER_CHECKOUT = 3
MAX_TIMES_FREE = 3
"""A tenant has at most this many times the free streams: up to three quarters of all if it is alone."""
COMMENT_SECONDS = 15.0
MAX_SECONDS = 600.0
"""Then the stream is closed; the caller reconnects with the last event's id."""
RETRY = "retry: 2000\n\n"
COMMENT = ": still here\n\n"


class Streams:
    """Counts the open streams of this process, by checkout and tenant."""

    def __init__(self, max_streams: int = MAX_STREAMS) -> None:
        self._max_streams = max_streams
        self._open: Counter[tuple[str, UUID]] = Counter()
        self._of_tenant: Counter[str] = Counter()

    def check(self, tenant: str, checkout_id: UUID) -> None:
        """Raises ``Problem`` if the checkout, the tenant or the process has its maximum of streams."""
        free = self._max_streams - self._of_tenant.total()
        if self._open[tenant, checkout_id] >= MAX_STREAMS_PER_CHECKOUT:
            raise unavailable(f"A checkout has at most {MAX_STREAMS_PER_CHECKOUT} streams at a time.")
        if self._of_tenant[tenant] >= MAX_TIMES_FREE * free:
            raise unavailable("Too many streams are open.")

    @contextmanager
    def opened(self, tenant: str, checkout_id: UUID) -> Iterator[None]:
        """Count one stream; raises ``Problem`` as ``check`` does."""
        self.check(tenant, checkout_id)
        self._open[tenant, checkout_id] += 1
        self._of_tenant[tenant] += 1
        try:
            yield
        finally:
            _decrement(self._open, (tenant, checkout_id))
            _decrement(self._of_tenant, tenant)


def _decrement(counter: Counter[K], key: K) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]


class EventStream(StreamingResponse):
    """A response that is counted from before its first byte until after its last."""

    def __init__(
        self, streams: Streams, tenant: str, checkout_id: UUID, states: AsyncIterator[CheckoutView | None]
    ) -> None:
        super().__init__(
            as_events(states), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )
        self._key = tenant, checkout_id
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hold()
        with self._streams.opened(*self._key):
            await super().__call__(scope, receive, send)


async def as_events(
    states: AsyncIterator[CheckoutView | None], clock: Callable[[], float] | None = None
) -> AsyncIterator[str]:
    """A state becomes an event; None becomes a comment, since proxies close idle connections. ``clock``: in
    seconds; the event loop's unless a test has its own."""
    now = clock or asyncio.get_running_loop().time
    closes_at = now() + MAX_SECONDS
    yield RETRY
    try:
        async for state in states:
            yield COMMENT if state is None else _event(state)
            if now() >= closes_at:
                return
    except Exception as error:
        if not is_outage(error):
            raise


def _event(state: CheckoutView) -> str:
    return f"id: {state.version}\nevent: checkout\ndata: {state.model_dump_json()}\n\n"
