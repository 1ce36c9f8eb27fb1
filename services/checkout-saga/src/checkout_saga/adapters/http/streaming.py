"""Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from checkout_saga.adapters.http.views import CheckoutView
from kernel.database import is_outage
from kernel.http.problems import unavailable

K = TypeVar("K")

MOST = 1_000
MOST_OF_A_CHECKOUT = 3
MOST_TIMES_THE_FREE = 3
"""A tenant has no more than so many times what is left for others: up to three quarters where it is alone."""
COMMENT_AFTER = 15.0
LONGEST = 600.0
"""Seconds; the caller comes again and goes on behind the last event."""
RETRY = "retry: 2000\n\n"
COMMENT = ": still here\n\n"


class Streams:
    """How many are open in this process, and for whom."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._open: Counter[tuple[str, UUID]] = Counter()
        self._of_tenant: Counter[str] = Counter()

    def check(self, tenant: str, checkout_id: UUID) -> None:
        """Raises ``Problem`` where the checkout, the tenant or the process has enough of them."""
        free = self._most - self._of_tenant.total()
        if self._open[tenant, checkout_id] >= MOST_OF_A_CHECKOUT:
            raise unavailable(f"A checkout has at most {MOST_OF_A_CHECKOUT} streams at a time.")
        if self._of_tenant[tenant] >= MOST_TIMES_THE_FREE * free:
            raise unavailable("Too many streams are open.")

    @contextmanager
    def opened(self, tenant: str, checkout_id: UUID) -> Iterator[None]:
        """One more; raises ``Problem`` where there may be none."""
        self.check(tenant, checkout_id)
        self._open[tenant, checkout_id] += 1
        self._of_tenant[tenant] += 1
        try:
            yield
        finally:
            _take_one(self._open, (tenant, checkout_id))
            _take_one(self._of_tenant, tenant)


def _take_one(counter: Counter[K], whose: K) -> None:
    counter[whose] -= 1
    if not counter[whose]:
        del counter[whose]


class EventStream(StreamingResponse):
    """Counts from before its first byte until after its last."""

    def __init__(
        self, streams: Streams, tenant: str, checkout_id: UUID, states: AsyncIterator[CheckoutView | None]
    ) -> None:
        super().__init__(
            as_events(states), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )
        self._whose = tenant, checkout_id
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._streams.opened(*self._whose):
            await super().__call__(scope, receive, send)


async def as_events(
    states: AsyncIterator[CheckoutView | None], longest: float = LONGEST
) -> AsyncIterator[str]:
    """None of the states is a comment: proxies close what says nothing."""
    closes_at = asyncio.get_running_loop().time() + longest
    yield RETRY
    try:
        async for state in states:
            yield COMMENT if state is None else _event(state)
            if asyncio.get_running_loop().time() >= closes_at:
                return
    except Exception as away:
        if not is_outage(away):
            raise


def _event(state: CheckoutView) -> str:
    return f"id: {state.version}\nevent: checkout\ndata: {state.model_dump_json()}\n\n"
