"""The part of the catalogue that prices a cart: what is in it and what may be added, the promotions that may
apply, tax and shipping rates, and the customer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.offers import ACTIVE, KnownOffer, KnownStep, KnownUpsell
from cart.catalogue.domain.products import Product
from cart.catalogue.domain.promotions import KnownPromotion
from pricing.basket import Line
from pricing.from_contracts import DEFAULT_ROUNDING
from pricing.product_price import PriceContext, ProductPrice
from pricing.promotion_index import PromotionIndex
from pricing.rounding import Rounding
from pricing.shipping import ShippingRate
from pricing.tax import TaxRate

NONE: Collection[UUID] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a read is about. ``codes`` are canonical ones, of promotions; ``slug`` is an offer's."""

    products: Collection[UUID] = NONE
    promotions: Collection[UUID] = NONE
    offers: Collection[UUID] = NONE
    upsells: Collection[UUID] = NONE
    customers: Collection[str] = ()
    codes: Collection[str] = ()
    slug: str | None = None

    @classmethod
    def all_of(cls, parts: Collection[Wanted]) -> Wanted:
        """Of parts without a slug."""
        return cls(
            products={it for part in parts for it in part.products},
            promotions={it for part in parts for it in part.promotions},
            offers={it for part in parts for it in part.offers},
            upsells={it for part in parts for it in part.upsells},
            customers={it for part in parts for it in part.customers},
            codes={it for part in parts for it in part.codes},
        )


@dataclass(frozen=True, slots=True)
class CatalogueExcerpt:
    """What was read of the catalogue at one moment, for one cart or several: what was wanted, and beside it
    the products, upsells and funnel steps of the wanted offers, the wanted upsells' products, all automatic
    promotions, tax rates and shipping rates. ``funnel_steps`` are by offer, in their order."""

    products: Mapping[UUID, Product]
    promotions: Mapping[UUID, KnownPromotion]
    taxes: tuple[TaxRate, ...] = ()
    offers: Mapping[UUID, KnownOffer] = field(default_factory=dict)
    upsells: Mapping[UUID, KnownUpsell] = field(default_factory=dict)
    funnel_steps: Mapping[UUID, tuple[KnownStep, ...]] = field(default_factory=dict)
    shipping_rates: tuple[ShippingRate, ...] = ()
    policy: Rounding = DEFAULT_ROUNDING
    customers: Mapping[str, KnownCustomer] = field(default_factory=dict)
    index: PromotionIndex | None = field(default=None, compare=False, repr=False)
    """Of the automatic promotions, if it has been made already."""

    def with_code(self, key: str | None) -> KnownPromotion | None:
        if key is None:
            return None
        return next((promotion for promotion in self.promotions.values() if promotion.key == key), None)

    def automatic_for(self, lines: Iterable[Line]) -> Iterable[KnownPromotion]:
        """The automatic promotions that are for at least one of the lines."""
        index = self.index or index_of(self.promotions.values())
        return [self.promotions[UUID(it.promotion_id)] for it in index.matching(lines)]

    def with_slug(self, slug: str | None) -> KnownOffer | None:
        return next((offer for offer in self.offers.values() if offer.details.slug == slug), None)

    def customer(self, customer_id: str | None) -> KnownCustomer | None:
        """None if there is no customer; of one who was asked for there is always something."""
        return None if customer_id is None else self.customers.get(customer_id)

    def upsells_of(self, offer_id: UUID) -> list[KnownUpsell]:
        """In the order in which they are proposed."""
        found = (it for it in self.upsells.values() if it.offer_id == offer_id and it.status == ACTIVE)
        return sorted(found, key=lambda it: (it.details.priority, str(it.upsell_id)))

    def depends_on_quantity(self, product_id: UUID) -> bool:
        """Whether the price of one unit may differ with how many are bought."""
        product = self.products.get(product_id)
        return product is not None and product.depends_on_quantity

    def product_price(self, product_id: UUID, context: PriceContext, units: int = 1) -> ProductPrice | None:
        """None if the product is not on sale, or has no price for this context."""
        product = self.products.get(product_id)
        return product.price(context, units) if product and product.is_on_sale else None


def index_of(promotions: Iterable[KnownPromotion]) -> PromotionIndex:
    """Of those that apply automatically."""
    return PromotionIndex(it.rule for it in promotions if it.key is None and not it.disabled)


class Catalogue(Protocol):
    """The cart service's projection of the catalogue."""

    async def read(
        self, tenant: str, wanted: Wanted, *, until: Callable[[CatalogueExcerpt], bool] | None = None
    ) -> CatalogueExcerpt:
        """What the catalogue has of what is wanted.

        The projection lags the catalogue by some milliseconds: until ``until`` holds, the read waits for it,
        for a limited time. So the result may not fulfil ``until``.
        """

    async def read_ahead(self, tenant: str, wanted: Collection[Wanted]) -> None:
        """Bring into memory, with one query, what of this is not there yet and will be read."""

    async def published_offers(self, tenant: str, offer_type: str) -> Collection[UUID]:
        """Some hundreds of a type at most, the first created ones."""


class PastCatalogue(Protocol):
    """The projection as it was."""

    async def read_as_of(self, tenant: str, wanted: Wanted, at: datetime) -> CatalogueExcerpt:
        """What the projection had at this moment of what is wanted; it is never in memory. It lagged the
        catalogue then as it does now."""
