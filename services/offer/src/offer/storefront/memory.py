"""Public offers in memory, so that showing one needs no query. News make it forget what has changed."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from contracts.experiment import Variant
from kernel.context import Context
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork
from offer.offers.ports import Campaigns
from offer.storefront.domain.public_offer import PublicOffer
from offer.storefront.loading import Loaded, load_public_offer
from offer.storefront.news import Notice, OfferNewsListener
from offer.storefront.schemas import render

MAX_OFFERS = 10_000
"""Of all tenants; the one that has not been asked for longest is forgotten."""
MAX_AGE = timedelta(seconds=60)
"""Prices of upsells may change by time alone."""

Key = tuple[str, str]
"""Tenant and slug."""


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown of an offer, to everybody who sees the same variant."""

    body: bytes
    until: datetime
    """It may change by time alone from then on."""
    price_changes_at: datetime | None


@dataclass(slots=True)
class Remembered:
    offer: PublicOffer
    depends_on: frozenset[UUID]
    pages: dict[UUID | None, Page] = field(default_factory=dict)
    """By variant."""

    def page(self, variant: Variant | None, now: datetime) -> Page:
        key = variant.variant_id if variant else None
        page = self.pages.get(key)
        if page is None or now >= page.until:
            change = self.offer.next_change(variant, now)
            until = now + MAX_AGE if change is None else min(change, now + MAX_AGE)
            page = self.pages[key] = Page(render(self.offer, variant, now), until, change)
        return page


class OfferMemory:
    def __init__(self, store: EventStore, campaigns: Campaigns, listener: OfferNewsListener) -> None:
        self._store = store
        self._campaigns = campaigns
        self._listener = listener
        self._offers: OrderedDict[Key, Remembered] = OrderedDict()
        self._keys_of: defaultdict[tuple[str, UUID], set[Key]] = defaultdict(set)
        self._news: Counter[str] = Counter()
        """Notices by tenant: what was read while one arrived may be older than it."""
        self._news_of_all = 0
        listener.on_news(self.take_notice)

    async def find(self, context: Context, slug: str, now: datetime) -> Remembered:
        """Raises ``OfferNotFound`` unless it is published."""
        key = context.tenant, slug
        found = self._offers.get(key) if self._listener.is_listening else None
        if found is not None and not _is_over(found.offer, now):
            self._offers.move_to_end(key)
            return found
        seen = self._seen(context.tenant)

        async def load(work: UnitOfWork) -> Loaded:
            return await load_public_offer(slug, work, self._campaigns)

        loaded = await self._store.run(context, load)
        remembered = Remembered(loaded.offer, loaded.depends_on)
        if seen == self._seen(context.tenant):
            self._remember(key, remembered)
        return remembered

    def take_notice(self, notice: Notice) -> None:
        tenant, changed = notice
        if tenant is None:
            self._news_of_all += 1
            self._offers.clear()
            self._keys_of.clear()
            return
        self._news[tenant] += 1
        if changed is None:
            keys = {key for key in self._offers if key[0] == tenant}
        else:
            keys = set(self._keys_of.get((tenant, changed), ()))
        for key in keys:
            self._forget(key)

    def _seen(self, tenant: str) -> tuple[int, int]:
        return self._news_of_all, self._news[tenant]

    def _remember(self, key: Key, remembered: Remembered) -> None:
        self._forget(key)
        self._offers[key] = remembered
        for changed in remembered.depends_on:
            self._keys_of[key[0], changed].add(key)
        if len(self._offers) > MAX_OFFERS:
            self._forget(next(iter(self._offers)))

    def _forget(self, key: Key) -> None:
        remembered = self._offers.pop(key, None)
        if remembered is None:
            return
        for changed in remembered.depends_on:
            keys = self._keys_of[key[0], changed]
            keys.discard(key)
            if not keys:
                del self._keys_of[key[0], changed]


def _is_over(offer: PublicOffer, now: datetime) -> bool:
    """Whether other campaigns may run by now."""
    return offer.campaigns_change_at is not None and now >= offer.campaigns_change_at
