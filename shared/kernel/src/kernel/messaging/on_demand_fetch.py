"""Ask the broker for records when they are wanted, not ahead of that."""

from __future__ import annotations

from typing import Any

from aiokafka.consumer.fetcher import Fetcher

from kernel.messaging.clients import KafkaConsumer

MAX_WAIT_MS = 500
"""How long the broker holds a request while nothing comes. What comes ends the wait at once."""


class OnDemandFetcher(Fetcher):  # type: ignore[misc]  # the library has no types
    """The library asks for the next records while the last ones are being handled. The first that comes then
    answers the request, and whatever comes behind it has to wait until that one has been handled. Asked when
    the last batch is done, the broker gives all that has gathered."""

    def _create_fetch_waiter(self) -> Any:
        waiter = super()._create_fetch_waiter()
        self._notify(self._wait_consume_future)
        return waiter

    def _get_actions_per_node(self, assignment: Any) -> Any:
        requests, *others = super()._get_actions_per_node(assignment)
        is_wanted = any(not it.done() for it in self._fetch_waiters)
        return (requests if is_wanted else [], *others)


def install(consumer: KafkaConsumer) -> None:
    """Once it has started: the client makes its fetcher then, and has no option for it."""
    fetcher: Any = consumer._fetcher
    fetcher.__class__ = OnDemandFetcher
