"""Event streams: their limits, and what is sent while nothing changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack
from uuid import UUID, uuid4

import pytest

from checkout_saga.checkout.streaming import (
    COMMENT,
    COMMENT_SECONDS,
    MAX_STREAMS_PER_CHECKOUT,
    RETRY,
    Streams,
    as_events,
)
from kernel.http.problems import Problem


def open_all(streams: Streams, kept: ExitStack, tenant: str, checkouts: list[UUID]) -> int:
    """How many of them could be opened."""
    for count, it in enumerate(checkouts):
        try:
            kept.enter_context(streams.opened(tenant, it))
        except Problem as refused:
            assert (refused.status_code, refused.code) == (503, "UNAVAILABLE")
            assert refused.headers is not None
            assert "Retry-After" in refused.headers
            return count
    return len(checkouts)


def test_a_checkout_has_three_streams_at_most_and_others_have_their_own() -> None:
    streams, checkout_id = Streams(), uuid4()
    with ExitStack() as kept:
        assert open_all(streams, kept, "a", [checkout_id] * 5) == MAX_STREAMS_PER_CHECKOUT
        assert open_all(streams, kept, "a", [uuid4()]) == 1
    with ExitStack() as kept:
        assert open_all(streams, kept, "a", [checkout_id] * 5) == MAX_STREAMS_PER_CHECKOUT


def test_a_tenant_cannot_take_all_streams_of_a_process() -> None:
    streams = Streams(max_streams=100)
    with ExitStack() as kept:
        assert open_all(streams, kept, "a", [uuid4() for _ in range(200)]) == 75
        assert open_all(streams, kept, "b", [uuid4() for _ in range(200)]) == 19
        assert open_all(streams, kept, "c", [uuid4() for _ in range(200)]) == 5
        kept.close()
        assert open_all(streams, kept, "c", [uuid4() for _ in range(200)]) == 75


class Watched:
    """A checkout of which nothing changes: its stream has a comment each time the beat has passed."""

    now = 7.0

    async def states(self) -> AsyncIterator[None]:
        while True:
            self.now += COMMENT_SECONDS
            yield None


async def test_a_quiet_stream_comments_every_15_seconds_and_is_closed_after_ten_minutes() -> None:
    watched = Watched()
    sent = [it async for it in as_events(watched.states(), lambda: watched.now)]
    assert sent[0] == RETRY == "retry: 2000\n\n"
    assert sent[1:] == [COMMENT] * (600 // 15)
    assert COMMENT.startswith(":")
    assert watched.now == 607


def test_a_process_has_a_thousand_streams_at_most() -> None:
    streams, tenants = Streams(), (f"tenant {number}" for number in range(2_000))
    with ExitStack() as kept:
        opened = sum(open_all(streams, kept, it, [uuid4()]) for it in tenants)
    assert opened == 1_000


async def broken(problem: Exception) -> AsyncIterator[None]:
    yield None
    raise problem


async def test_a_stream_ends_at_an_outage_of_the_database_and_raises_a_defect() -> None:
    assert [it async for it in as_events(broken(ConnectionError()))] == [RETRY, COMMENT]
    with pytest.raises(ValueError, match="a defect"):
        _ = [it async for it in as_events(broken(ValueError("a defect")))]
