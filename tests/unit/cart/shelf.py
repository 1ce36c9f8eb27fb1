"""A catalogue for tests: what is on it is there at once, and what is not never comes."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from cart.domain.catalogue import CatalogueSnapshot, KnownPromotion, Product
from contracts.product import Details, Price
from contracts.promotion import Limits, Terms
from pricing.codes import canonical
from pricing.from_contracts import promotion_of
from pricing.tax import TaxRate
from tests.unit.cart.facts import LAMP, MUG, SAVE10


class Shelf:
    """Fulfils ``cart.application.ports.Catalogue``."""

    def __init__(self, *things: Product | KnownPromotion, taxes: tuple[TaxRate, ...] = ()) -> None:
        self.taxes = taxes
        self.products = {it.product_id: it for it in things if isinstance(it, Product)}
        self.promotions = {it.promotion_id: it for it in things if isinstance(it, KnownPromotion)}

    async def excerpt(
        self,
        tenant: str,
        products: Collection[UUID],
        promotions: Collection[UUID],
        *,
        code: str | None = None,
        until: Callable[[CatalogueSnapshot], bool] | None = None,
    ) -> CatalogueSnapshot:
        return CatalogueSnapshot(
            {it: product for it, product in self.products.items() if it in products},
            {
                it: known
                for it, known in self.promotions.items()
                if it in promotions
                or (known.key is None and not known.disabled)
                or (code is not None and known.key == code)
            },
            self.taxes,
        )


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
    """``elsewhere``: what it costs in some countries."""
    prices = (
        Price(amount=price, currency=currency),
        *(Price(amount=it, currency=currency, region=country) for country, it in (elsewhere or {}).items()),
    )
    name = f"Product {product_id.int}"
    told = Details(sku=f"sku-{product_id.int}", name=name, type=type, prices=prices, **details)
    return Product(product_id, status, told)


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
    told = Terms(code=code, kind=kind, value=value, limits=Limits(total=total), **terms)
    return KnownPromotion(
        promotion_id=promotion_id,
        key=None if code is None else canonical(code),
        rule=promotion_of(promotion_id, told),
        disabled=disabled,
        used_up=total is not None and uses + held >= total,
        spent=total is not None and uses >= total,
    )


USUAL = Shelf(product(MUG, 500), product(LAMP, 1999))
