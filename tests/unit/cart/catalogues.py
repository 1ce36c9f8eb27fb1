"""A catalogue for tests, without any delay."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from cart.catalogue.domain import CatalogueExcerpt, KnownPromotion, Product
from contracts.product import Details, Price
from contracts.promotion import Limits, Terms
from pricing.codes import canonical
from pricing.from_contracts import promotion_of
from pricing.tax import TaxRate
from tests.unit.cart.facts import LAMP, MUG, SAVE10


class FakeCatalogue:
    """Implements ``cart.catalogue.domain.Catalogue``."""

    def __init__(self, *entries: Product | KnownPromotion, taxes: tuple[TaxRate, ...] = ()) -> None:
        self.taxes = taxes
        self.products = {entry.product_id: entry for entry in entries if isinstance(entry, Product)}
        self.promotions = {
            entry.promotion_id: entry for entry in entries if isinstance(entry, KnownPromotion)
        }

    async def read(
        self,
        tenant: str,
        products: Collection[UUID],
        promotions: Collection[UUID],
        *,
        code: str | None = None,
        until: Callable[[CatalogueExcerpt], bool] | None = None,
    ) -> CatalogueExcerpt:
        return CatalogueExcerpt(
            {key: product for key, product in self.products.items() if key in products},
            {
                key: entry
                for key, entry in self.promotions.items()
                if key in promotions
                or (entry.key is None and not entry.disabled)
                or (code is not None and entry.key == code)
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
