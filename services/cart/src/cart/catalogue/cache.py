"""A memory of the catalogue, which forgets what news name, so that most requests need no query for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cart.catalogue import news
from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.excerpt import CatalogueExcerpt, Wanted, index_of
from cart.catalogue.domain.offers import KnownOffer, KnownStep, KnownUpsell
from cart.catalogue.domain.products import Product
from cart.catalogue.domain.promotions import KnownPromotion
from pricing.promotion_index import PromotionIndex
from pricing.rounding import Rounding
from pricing.shipping import ShippingRate
from pricing.tax import TaxRate

MAX_ENTRIES = 20_000
"""Products, promotions, offers, upsells and customers, of all tenants."""


@dataclass(frozen=True, slots=True)
class _General:
    """What every excerpt of a tenant has. ``automatic``: the promotions that need no code, and their
    index."""

    automatic: Mapping[UUID, KnownPromotion]
    index: PromotionIndex
    taxes: tuple[TaxRate, ...]
    shipping_rates: tuple[ShippingRate, ...]
    policy: Rounding


@dataclass(frozen=True, slots=True)
class _Offer:
    """An offer with all that belongs to it."""

    offer: KnownOffer
    upsells: tuple[KnownUpsell, ...]
    steps: tuple[KnownStep, ...]

    @property
    def product_ids(self) -> Iterable[UUID]:
        yield from self.offer.product_ids
        for upsell in self.upsells:
            yield upsell.details.product_id


@dataclass(slots=True)
class _TenantCatalogue:
    general: _General | None = None
    products: dict[UUID, Product] = field(default_factory=dict)
    promotions: dict[UUID, KnownPromotion] = field(default_factory=dict)
    ids_of_codes: dict[str, UUID] = field(default_factory=dict)
    offers: dict[UUID, _Offer] = field(default_factory=dict)
    ids_of_slugs: dict[str, UUID] = field(default_factory=dict)
    upsells: dict[UUID, KnownUpsell] = field(default_factory=dict)
    customers: dict[str, KnownCustomer] = field(default_factory=dict)
    counting: dict[str, set[str]] = field(default_factory=dict)
    """By a customer's id: others in ``customers`` whose orders and uses include that customer's."""

    @property
    def size(self) -> int:
        entries: tuple[Mapping[Any, Any], ...] = (
            *(self.products, self.promotions, self.offers, self.upsells, self.customers, self.counting),
        )
        return sum(len(it) for it in entries)

    def forget(self, kind: str, ids: Collection[str]) -> None:
        """``ids``: none for all of the kind."""
        match kind:
            case news.GENERAL:
                self.general = None
            case news.CUSTOMER:
                self._forget_customers(ids)
            case news.PRODUCT:
                _forget(self.products, ids, UUID)
            case news.PROMOTION:
                _forget(self.promotions, ids, UUID)
            case news.OFFER:
                self._forget_offers(frozenset(map(UUID, ids)))
            case _:  # of a newer release
                self.clear()

    def clear(self) -> None:
        for ids in (news.GENERAL, news.CUSTOMER, news.PRODUCT, news.PROMOTION, news.OFFER):
            self.forget(ids, ())

    def _forget_customers(self, ids: Collection[str]) -> None:
        """News of one of a person's ids is news of all."""
        for it in ids:
            for other in self.counting.pop(it, ()):
                self.customers.pop(other, None)
        if not ids:
            self.counting.clear()
        _forget(self.customers, ids, str)

    def _forget_offers(self, ids: frozenset[UUID]) -> None:
        self.offers = {key: it for key, it in self.offers.items() if ids and key not in ids}
        self.upsells = {key: it for key, it in self.upsells.items() if ids and it.offer_id not in ids}


class CatalogueCache:
    """Missing products, promotions and offers are not remembered: they may be on their way. A customer of
    whom nothing is known is: news of the customer will come.

    Entries are remembered one by one and put together again, so an excerpt may hold entries that were read at
    different moments. It does not mis-price a cart:

    * An entry is whole: it comes from one statement, with all that must agree within it. A variant holds its
      parent's prices, an offer its experiment and campaigns, and is remembered with all of its upsells and
      steps; the automatic promotions of a tenant, its taxes, rates and policy are one entry.
    * All that one transaction changes is named by one notice, and forgotten in one step: no request runs
      between. So after a notice no excerpt has anything from before it.
    * What was read while a notice came in is not remembered: it may be from before that notice.
    * Between the commit of a change and its notice, some milliseconds, an excerpt may mix a new entry with an
      old one of another stream. The copy itself does so in any case, because the facts of different streams
      reach it in no order; each of the two prices was valid at that moment, and the lock of a checkout reads
      again and has its sale confirmed by the offer service.
    """

    def __init__(self, max_entries: int = MAX_ENTRIES) -> None:
        self._max_entries = max_entries
        self._tenants: dict[str, _TenantCatalogue] = {}

    def clear(self) -> None:
        self._tenants.clear()

    def forget(self, notice: news.Notice | None) -> None:
        """None: everything may have changed."""
        if notice is None:
            self.clear()
            return
        for tenant, kinds in notice.items():
            if cached := self._tenants.get(tenant):
                for kind, ids in kinds.items():
                    cached.forget(kind, ids)

    def put(self, tenant: str, excerpt: CatalogueExcerpt) -> None:
        new = len(excerpt.products) + len(excerpt.promotions) + len(excerpt.upsells) + len(excerpt.customers)
        if new + sum(it.size for it in self._tenants.values()) > self._max_entries:
            self.clear()
        cached = self._tenants.setdefault(tenant, _TenantCatalogue())
        promotions = excerpt.promotions
        cached.general = _General(
            {key: entry for key, entry in promotions.items() if entry.key is None},
            index_of(promotions.values()),
            excerpt.taxes,
            excerpt.shipping_rates,
            excerpt.policy,
        )
        cached.products |= excerpt.products
        cached.promotions |= promotions
        cached.ids_of_codes |= {entry.key: entry.promotion_id for entry in promotions.values() if entry.key}
        cached.customers |= excerpt.customers
        for known in excerpt.customers.values():
            for other in known.linked:
                cached.counting.setdefault(other, set()).add(known.customer_id)
        cached.upsells |= excerpt.upsells
        for offer_id, offer in excerpt.offers.items():
            upsells, steps = excerpt.upsells_of(offer_id), excerpt.funnel_steps.get(offer_id, ())
            cached.offers[offer_id] = _Offer(offer, tuple(upsells), steps)
            cached.ids_of_slugs[offer.details.slug] = offer_id

    def get(self, tenant: str, wanted: Wanted) -> CatalogueExcerpt | None:
        """None if any part of it is not cached."""
        cached = self._tenants.get(tenant)
        if cached is None or cached.general is None:
            return None
        try:
            return _excerpt(cached, cached.general, wanted)
        except KeyError:
            return None


def _excerpt(cached: _TenantCatalogue, general: _General, wanted: Wanted) -> CatalogueExcerpt:
    """Raises KeyError."""
    promotions = {**general.automatic, **{key: cached.promotions[key] for key in wanted.promotions}}
    for code in wanted.codes:
        promotion_id = cached.ids_of_codes[code]
        promotions[promotion_id] = cached.promotions[promotion_id]
    products = {key: cached.products[key] for key in wanted.products}
    offers, upsells = {}, {key: cached.upsells[key] for key in wanted.upsells}
    steps = {}
    if wanted.offers or wanted.slug is not None:
        slugs = () if wanted.slug is None else (cached.ids_of_slugs[wanted.slug],)
        for offer_id in (*wanted.offers, *slugs):
            found = cached.offers[offer_id]
            offers[offer_id] = found.offer
            steps[offer_id] = found.steps
            upsells |= {it.upsell_id: it for it in found.upsells}
            products |= {key: cached.products[key] for key in found.product_ids}
    if upsells:
        products |= {key: cached.products[key] for key in (it.details.product_id for it in upsells.values())}
    for product in tuple(products.values()):
        if product.courses:
            products |= {key: cached.products[key] for key in product.courses}
    return CatalogueExcerpt(
        products=products,
        promotions=promotions,
        taxes=general.taxes,
        offers=offers,
        upsells=upsells,
        funnel_steps=steps,
        shipping_rates=general.shipping_rates,
        policy=general.policy,
        customers={key: cached.customers[key] for key in wanted.customers},
        index=general.index,
    )


def _forget(entries: dict[Any, Any], ids: Collection[str], key_of: Callable[[str], Any]) -> None:
    if not ids:
        entries.clear()
    for it in ids:
        entries.pop(key_of(it), None)
