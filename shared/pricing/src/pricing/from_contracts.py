"""Translation of products, promotions and tax rates in facts to pricing's types, and of results to sales.

Cart and offer both price sales through this module, so that their amounts cannot differ.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from contracts import product, promotion, sale, tax_rate
from pricing.basket import Basket, Line
from pricing.price import price
from pricing.priced import AppliedDiscount, Priced
from pricing.promotion_kinds.registry import KINDS
from pricing.promotions import (
    Conditions,
    Promotion,
    Stack,
    Stacking,
)
from pricing.rounding import Rounding
from pricing.selection import PriceEntry, unit_price_for
from pricing.tax import Destination, TaxRate, TaxTable, rate_from_percent

NO_TAX = TaxTable()
DEFAULT_ROUNDING = Rounding()


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a sale; ``details`` are the catalogue's, ``unit_price`` is the price charged."""

    line_id: str
    product_id: UUID
    details: product.Details
    quantity: int
    unit_price: int
    offer_id: UUID | None = None


def unit_price(
    details: product.Details, currency: str, region: str | None = None, segment: str | None = None
) -> int | None:
    """The price of one unit, or None if the product is not priced in the currency."""
    entries = (PriceEntry(it.currency, it.amount, it.region, it.segment) for it in details.prices)
    return unit_price_for(entries, currency, region, segment)


def line_of(item: Item) -> Line:
    return Line(
        line_id=item.line_id,
        product_id=str(item.product_id),
        quantity=item.quantity,
        unit_price=item.unit_price,
        category=item.details.category,
        collections=frozenset(item.details.collections),
        tax_category=item.details.tax_category,
    )


def promotion_of(promotion_id: UUID, terms: promotion.Terms) -> Promotion:
    kind, conditions = KINDS.get(terms.kind), terms.conditions
    return Promotion(
        promotion_id=str(promotion_id),
        kind=terms.kind,
        value=kind.value_of(Decimal(terms.value)) if kind else 0,
        code=terms.code,
        currency=terms.currency,
        conditions=Conditions(
            minimum_subtotal=conditions.get("minimum_subtotal") or 0,
            product_ids=frozenset(conditions.get("product_ids") or ()),
            categories=frozenset(conditions.get("categories") or ()),
            collections=frozenset(conditions.get("collections") or ()),
            currency=conditions.get("currency"),
        ),
        stacking=Stacking(Stack(terms.stacking.mode), terms.stacking.priority, terms.stacking.cap),
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
    )


def destination_of(destination: sale.Destination | None) -> Destination | None:
    return None if destination is None else Destination(destination.country, destination.region)


def tax_rate_of(fact: tax_rate.Set) -> TaxRate:
    return TaxRate(
        country=fact.country,
        rate=rate_from_percent(fact.rate),
        name=fact.name,
        inclusive=fact.inclusive,
        region=fact.region,
        tax_category=fact.tax_category,
    )


def price_items(
    currency: str,
    items: Iterable[Item],
    promotions: Iterable[Promotion],
    at: datetime,
    taxes: TaxTable = NO_TAX,
    rounding: Rounding = DEFAULT_ROUNDING,
) -> Priced:
    """Price the items. Without a destination in ``taxes`` no tax is due."""
    basket = Basket(currency, tuple(line_of(item) for item in items))
    return price(basket, promotions, taxes, rounding, at)


def sale_of(priced: Priced, items: Iterable[Item], destination: sale.Destination | None = None) -> sale.Sale:
    """The priced items as a sale, in the order of ``items``."""
    lines = {line.line_id: line for line in priced.lines}
    totals = priced.totals
    return sale.Sale(
        currency=priced.currency,
        lines=tuple(
            sale.SaleLine(
                line_id=item.line_id,
                product_id=item.product_id,
                offer_id=item.offer_id,
                product_type=item.details.type,
                sku=item.details.sku,
                name=item.details.name,
                quantity=item.quantity,
                unit_price=lines[item.line_id].unit_price,
                discount=lines[item.line_id].discount,
                tax=lines[item.line_id].tax,
                total=lines[item.line_id].total,
            )
            for item in items
        ),
        discounts=tuple(_discount_of(it) for it in priced.discounts),
        totals=sale.Totals(
            subtotal=totals.subtotal,
            discount=totals.discount,
            shipping=totals.shipping,
            tax=totals.tax,
            total=totals.total,
        ),
        destination=destination,
    )


def _discount_of(applied: AppliedDiscount) -> sale.AppliedDiscount:
    return sale.AppliedDiscount(
        code=applied.code,
        promotion_id=UUID(applied.promotion_id),
        kind=applied.kind,
        amount=applied.amount,
        allocation=dict(applied.allocation),
    )
