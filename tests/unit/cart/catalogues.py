"""A catalogue for tests, without any delay."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID

from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.excerpt import CatalogueExcerpt, Wanted
from cart.catalogue.domain.offers import KnownOffer, KnownStep, KnownUpsell
from cart.catalogue.domain.products import Product
from cart.catalogue.domain.promotions import KnownPromotion
from contracts.product import Details, Price
from contracts.promotion import Limits, Terms
from pricing.codes import canonical
from pricing.from_contracts import DEFAULT_ROUNDING, promotion_of
from pricing.rounding import Rounding
from pricing.shipping import ShippingRate
from pricing.tax import TaxRate
from tests.unit.cart.facts import LAMP, MUG, SAVE10

Entry = Product | KnownPromotion | KnownOffer | KnownUpsell | KnownCustomer


class FakeCatalogue:
    """Implements ``cart.catalogue.domain.Catalogue``."""

    def __init__(
        self,
        *entries: Entry,
        taxes: tuple[TaxRate, ...] = (),
        shipping_rates: tuple[ShippingRate, ...] = (),
        policy: Rounding = DEFAULT_ROUNDING,
        funnel_steps: Mapping[UUID, tuple[KnownStep, ...]] | None = None,
    ) -> None:
        self.taxes = taxes
        self.shipping_rates = shipping_rates
        self.policy = policy
        self.funnel_steps = funnel_steps or {}
        self.products = {it.product_id: it for it in entries if isinstance(it, Product)}
        self.promotions = {it.promotion_id: it for it in entries if isinstance(it, KnownPromotion)}
        self.offers = {it.offer_id: it for it in entries if isinstance(it, KnownOffer)}
        self.upsells = {it.upsell_id: it for it in entries if isinstance(it, KnownUpsell)}
        self.customers = {it.customer_id: it for it in entries if isinstance(it, KnownCustomer)}

    async def read(
        self, tenant: str, wanted: Wanted, *, until: Callable[[CatalogueExcerpt], bool] | None = None
    ) -> CatalogueExcerpt:
        offers = {
            key: it
            for key, it in self.offers.items()
            if key in wanted.offers or it.details.slug == wanted.slug
        }
        upsells = {
            key: it
            for key, it in self.upsells.items()
            if key in wanted.upsells or (it.offer_id in offers and it.status == "active")
        }
        sold = {
            *wanted.products,
            *(product_id for it in offers.values() for product_id in it.product_ids),
            *(it.details.product_id for it in upsells.values()),
        }
        courses = {course for key in sold if (it := self.products.get(key)) for course in it.courses}
        return CatalogueExcerpt(
            products={key: it for key, it in self.products.items() if key in sold | courses},
            promotions={
                key: entry
                for key, entry in self.promotions.items()
                if key in wanted.promotions
                or (entry.key is None and not entry.disabled)
                or entry.key in wanted.codes
            },
            taxes=self.taxes,
            offers=offers,
            upsells=upsells,
            funnel_steps={key: it for key, it in self.funnel_steps.items() if key in offers},
            shipping_rates=self.shipping_rates,
            policy=self.policy,
            customers={key: self.customers.get(key, KnownCustomer(key)) for key in wanted.customers},
        )

    async def read_ahead(self, tenant: str, wanted: Collection[Wanted]) -> None:
        """Does nothing: everything is in memory."""

    async def published_offers(self, tenant: str, offer_type: str) -> list[UUID]:
        offers = sorted(self.offers.items())
        return [key for key, it in offers if it.is_published and it.details.type == offer_type]


def product(
    product_id: UUID = MUG,
    price: int = 500,
    *,
    type: str = "physical_product",  # noqa: A002  # as the catalogue calls it
    status: str = "active",
    currency: str = "USD",
    elsewhere: dict[str, int] | None = None,
    **details: Any,
) -> Product:
    """``elsewhere``: prices by country."""
    prices = (
        Price(amount=price, currency=currency),
        *(
            Price(amount=local, currency=currency, region=country)
            for country, local in (elsewhere or {}).items()
        ),
    )
    name = f"Product {product_id.int}"
    all_details = Details(sku=f"sku-{product_id.int}", name=name, type=type, prices=prices, **details)
    return Product(product_id, status, all_details)


def promotion(
    promotion_id: UUID = SAVE10,
    *,
    code: str | None = "SAVE10",
    kind: str = "percentage",
    value: str = "10",
    disabled: bool = False,
    uses: int = 0,
    held: int = 0,
    total: int | None = None,
    **terms: Any,
) -> KnownPromotion:
    if kind == "fixed_amount":
        terms = {"currency": "USD"} | terms
    all_terms = Terms(code=code, kind=kind, value=value, limits=Limits(total=total), **terms)
    return KnownPromotion(
        promotion_id=promotion_id,
        key=None if code is None else canonical(code),
        rule=promotion_of(promotion_id, all_terms),
        disabled=disabled,
        used_up=total is not None and uses + held >= total,
        spent=total is not None and uses >= total,
    )


USUAL_CATALOGUE = FakeCatalogue(product(MUG, 500), product(LAMP, 1999))
