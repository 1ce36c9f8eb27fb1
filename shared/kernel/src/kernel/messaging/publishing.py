"""How the messages of a service's log get into its topics: the guard and the relay of the log, wired to one
another."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple, Self

from kernel.messaging.log_guard import LogGuard
from kernel.messaging.relay import Relay
from kernel.observability.health import Heartbeats
from kernel.service.settings import ServiceSettings
from kernel.store.event_store import EventStore


class Publishing(NamedTuple):
    guard: LogGuard
    relay: Relay

    @classmethod
    def of(
        cls,
        service: str,
        store: EventStore,
        settings: ServiceSettings,
        heartbeats: Heartbeats,
        *on_reopened: Callable[[], None],
    ) -> Self:
        """``on_reopened``: what forgets, beside the store, what it knows of the log. In tests many databases
        share one broker, and so the topics."""

        def forget() -> None:
            for it in (store.forget_aggregates, *on_reopened):
                it()

        guard = LogGuard(
            service,
            settings.database_url,
            settings.kafka,
            store.messages,
            store.pool.fence,
            heartbeats,
            on_reopened=forget,
            shares_topics=settings.env == "test",
        )
        return cls(guard, Relay(service, settings.database_url, settings.kafka, heartbeats, guard))

    async def start(self) -> None:
        """Before the service serves."""
        await self.guard.start()

    def loops(self) -> tuple[Coroutine[Any, Any, None], ...]:
        return self.guard.run(), self.relay.run()
