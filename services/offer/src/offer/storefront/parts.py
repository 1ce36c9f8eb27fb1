"""What shows offers to storefronts: the offers in memory, the news about them, and the writer of views."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, NamedTuple, Self

from kernel.observability.health import Heartbeats
from kernel.store.event_store import EventStore
from offer.offers.ports import Campaigns
from offer.storefront.memory import OfferMemory
from offer.storefront.news import OfferNewsListener
from offer.storefront.view_writer import ViewWriter


class Storefront(NamedTuple):
    memory: OfferMemory
    views: ViewWriter
    listener: OfferNewsListener

    @classmethod
    def of(cls, store: EventStore, campaigns: Campaigns, database_url: str, heartbeats: Heartbeats) -> Self:
        listener = OfferNewsListener(database_url, heartbeats)
        return cls(OfferMemory(store, campaigns, listener), ViewWriter(store, heartbeats), listener)

    def loops(self) -> tuple[Coroutine[Any, Any, None], ...]:
        return self.listener.run(), self.views.run()
