"""Fetch records on demand instead of prefetching them."""

from __future__ import annotations

from typing import Any

from aiokafka.consumer.fetcher import Fetcher

from kernel.messaging.clients import KafkaConsumer

MAX_WAIT_MS = 500
"""How long the broker holds a fetch request without records. A new record ends the wait at once."""


class OnDemandFetcher(Fetcher):  # type: ignore[misc]  # the library has no types
    """The library prefetches: it requests the next records while the last batch is being handled. The pending
    request returns with the first new record, so the next batch holds one. A request that is sent when the
    last batch is done returns everything that has accumulated."""

    def _create_fetch_waiter(self) -> Any:
        waiter = super()._create_fetch_waiter()
        self._notify(self._wait_consume_future)
        return waiter

    def _get_actions_per_node(self, assignment: Any) -> Any:
        requests, *others = super()._get_actions_per_node(assignment)
        is_requested = any(not waiter.done() for waiter in self._fetch_waiters)
        return (requests if is_requested else [], *others)


def install(consumer: KafkaConsumer) -> None:
    """Call it after the client's start, which makes the fetcher. The library has no option for this."""
    fetcher: Any = consumer._fetcher
    fetcher.__class__ = OnDemandFetcher
