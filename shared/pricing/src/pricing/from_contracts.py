"""Translation of products, promotions and tax rates in facts to pricing's types, and of results to sales.

Cart and offer both price sales through this module, so that their amounts cannot differ.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contracts import pricing_policy, product, promotion, sale, shipping_rate, tax_rate
from contracts.offer import OfferDetails
from pricing.basket import Basket, Line
from pricing.customer import UNKNOWN_CUSTOMER, Customer
from pricing.line_fulfillment import fulfillment_of
from pricing.price import price
from pricing.priced import AppliedDiscount, Priced, PricedShipping
from pricing.promotion_kinds.registry import KINDS
from pricing.promotions import Conditions, Promotion, Reason, Stack, Stacking
from pricing.rounding import Level, Mode, Rounding
from pricing.shipping import Shipping, ShippingRate
from pricing.tax import Destination, TaxRate, TaxTable, rate_from_percent

NO_TAX = TaxTable()
DEFAULT_ROUNDING = Rounding()
PHYSICAL = "physical_product"


class Item(NamedTuple):
    """One line of a sale; ``details`` are the catalogue's, ``unit_price`` is the price charged."""

    line_id: str
    product_id: UUID
    details: product.Details
    """A variant's are completed by its parent's: ``product_price.with_parent``."""
    quantity: int
    unit_price: int
    offer_id: UUID | None = None
    offer: OfferDetails | None = None
    """The details of the offer that the line is a part of; how it ships depends on them. An upsell ships as
    its product does."""
    upsell_id: UUID | None = None
    units: int = 1
    """Units of the product in one of the line's quantity."""
    campaign_id: UUID | None = None
    campaign_saving: int = 0
    """As in ``SaleLine``. Only a sale that is locked needs it."""
    experiment: sale.Exposure | None = None
    gift_seats: int = 0
    plan_id: str | None = None
    price_source: str = ""
    """Where the unit price comes from, for the derivation."""


def line_of(item: Item) -> Line:
    ships = item.offer.shipping if item.offer and item.upsell_id is None else None
    return Line(
        line_id=item.line_id,
        product_id=str(item.product_id),
        quantity=item.quantity,
        unit_price=item.unit_price,
        category=item.details.category,
        collections=frozenset(item.details.collections),
        tax_category=item.details.tax_category,
        units=item.units,
        offer_id=_text(item.offer_id),
        upsell_id=_text(item.upsell_id),
        weight_grams=item.details.weight_grams,
        requires_shipping=ships.requires_shipping if ships else item.details.type == PHYSICAL,
        shipping_class=ships.shipping_class if ships else item.details.shipping_class,
        free_shipping_threshold=ships.free_shipping_threshold if ships else None,
        price_source=item.price_source,
    )


def _text(key: UUID | None) -> str | None:
    return None if key is None else str(key)


def promotion_of(promotion_id: UUID, terms: promotion.Terms, refused: Reason | None = None) -> Promotion:
    """``refused``: why it cannot be used, as the caller knows. Raises ``ValueError`` for terms that no
    promotion of a supported kind has."""
    kind, conditions = KINDS.get(terms.kind), terms.conditions
    return Promotion(
        promotion_id=str(promotion_id),
        kind=terms.kind,
        terms=kind.parse(terms) if kind else None,
        code=terms.code,
        currency=terms.currency,
        conditions=Conditions(
            minimum_subtotal=conditions.get("minimum_subtotal") or 0,
            product_ids=frozenset(conditions.get("product_ids") or ()),
            categories=frozenset(conditions.get("categories") or ()),
            collections=frozenset(conditions.get("collections") or ()),
            currency=conditions.get("currency"),
            customer_ids=frozenset(conditions.get("customer_ids") or ()),
            customer_segments=frozenset(conditions.get("customer_segments") or ()),
            first_order=bool(conditions.get("first_order")),
        ),
        stacking=Stacking(Stack(terms.stacking.mode), terms.stacking.priority, terms.stacking.cap),
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        refused=refused,
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


def shipping_rate_of(fact: shipping_rate.Set) -> ShippingRate:
    return shipping_rate_from(fact.rate_id, fact.details)


def shipping_rate_from(rate_id: UUID, details: shipping_rate.ShippingRateDetails) -> ShippingRate:
    return ShippingRate(
        rate_id=rate_id,
        name=details.name,
        currency=details.currency,
        brackets=tuple((it.up_to_grams, it.amount) for it in details.brackets),
        countries=frozenset(details.countries),
        regions=frozenset(details.regions),
        shipping_classes=frozenset(details.shipping_classes),
        free_from=details.free_from,
        min_days=details.min_days,
        max_days=details.max_days,
        is_default=details.is_default,
    )


def rounding_of(policy: sale.Policy | pricing_policy.Set | None) -> Rounding:
    """The rounding of a tenant's or a sale's policy; the default without one."""
    if policy is None:
        return DEFAULT_ROUNDING
    return Rounding(Mode(policy.rounding_mode), Level(policy.tax_rounding))


def price_items(
    currency: str,
    items: Iterable[Item],
    promotions: Iterable[Promotion],
    at: datetime,
    taxes: TaxTable = NO_TAX,
    rounding: Rounding = DEFAULT_ROUNDING,
    *,
    customer: Customer = UNKNOWN_CUSTOMER,
    shipping: Shipping | None = None,
) -> Priced:
    """Price the items. Without a destination in ``taxes`` no tax is due."""
    basket = Basket(currency, tuple(line_of(item) for item in items))
    return price(basket, promotions, taxes, rounding, at, customer=customer, shipping=shipping)


def sale_of(
    priced: Priced,
    items: Iterable[Item],
    destination: sale.Destination | None = None,
    priced_at: datetime | None = None,
) -> sale.Sale:
    """The priced items as a sale, in the order of ``items``.

    ``priced_at``: the moment for which they were priced. With it the sale also says by which rounding, as
    every sale that is locked does.
    """
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
                units=item.units,
                upsell_id=item.upsell_id,
                campaign_id=item.campaign_id,
                campaign_saving=item.campaign_saving,
                experiment=item.experiment,
                gift_seats=item.gift_seats,
                plan_id=item.plan_id,
                fulfillment=fulfillment_of(item.details),
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
        priced_at=priced_at,
        shipping=_shipping_of(priced.shipping) if priced.shipping else None,
        policy=_policy_of(priced.rounding) if priced_at else None,
    )


def _policy_of(rounding: Rounding) -> sale.Policy:
    return sale.Policy(rounding_mode=rounding.mode.value, tax_rounding=rounding.level.value)


def _shipping_of(shipped: PricedShipping) -> sale.Shipping:
    return sale.Shipping(
        option_id=shipped.charge.option_id,
        name=shipped.charge.name,
        price=shipped.charge.price,
        discount=shipped.discount,
        tax=shipped.tax,
        total=shipped.total,
        fallback=shipped.charge.fallback,
    )


def _discount_of(applied: AppliedDiscount) -> sale.AppliedDiscount:
    return sale.AppliedDiscount(
        code=applied.code,
        promotion_id=UUID(applied.promotion_id),
        kind=applied.kind,
        amount=applied.amount,
        allocation=dict(applied.allocation),
        referral=applied.referral,
    )
