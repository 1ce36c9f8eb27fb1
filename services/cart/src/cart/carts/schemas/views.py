"""The response body of a cart."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NotRequired
from uuid import UUID

from typing_extensions import TypedDict

from cart.carts.domain.codes import REASON_CODES
from cart.carts.domain.explanation import explain_priced, explain_sale
from cart.carts.domain.prices import PRODUCT, source_of
from cart.carts.use_cases.cart_access import PricedCart
from contracts import views
from contracts.sale import AppliedDiscount, Destination, SaleLine, Shipping
from contracts.views import Money, PricedView, TotalsView, money, show_priced, show_totals
from pricing.derivation import Node
from pricing.type_rules import TEAM_LICENSE

APPLIED, NOT_APPLIED = "applied", "not_applied"
UNKNOWN = "unknown"


class DestinationView(TypedDict):
    country: str
    region: NotRequired[str]


class ItemView(PricedView):
    """``available`` is false for a product that is no longer on sale: it keeps its price, but cannot be
    bought. ``units`` of the product are in one of the quantity. ``gift_seats`` are those of a team licence
    that are for others."""

    item_id: str
    product_id: str
    previous_price: NotRequired[Money]
    price_updated_at: NotRequired[str]
    available: bool
    options: dict[str, Any]
    price_source: str
    units: int
    offer_id: NotRequired[str]
    upsell_id: NotRequired[str]
    variant_id: NotRequired[str]
    gift_seats: NotRequired[int]


class DiscountView(views.DiscountView):
    """``code`` is null for an automatic promotion; ``allocation`` gives each item's share. ``status`` is
    applied, or not_applied for a code without effect at present, then with its ``reason``."""

    allocation: dict[str, Money]
    status: str
    reason: NotRequired[str]


class DerivationView(TypedDict):
    """An amount, how it was computed, and the amounts that it is made of."""

    name: str
    amount: Money
    how: str
    children: list[DerivationView]


class RejectedView(TypedDict):
    """A promotion that was looked at and does nothing. ``code`` is null for an automatic one."""

    code: str | None
    promotion_id: str
    reason: str


class ShippingView(TypedDict):
    option_id: str | None
    name: str
    price: Money
    discount: Money
    tax: Money
    total: Money
    fallback: bool


class UnownedCartView(TypedDict):
    """A cart without what identifies its owner."""

    cart_id: str
    status: str
    type: str
    destination: NotRequired[DestinationView]
    currency: str
    items: list[ItemView]
    discounts: list[DiscountView]
    rejected: list[RejectedView]
    totals: TotalsView
    shipping: NotRequired[ShippingView]
    metadata: dict[str, Any]
    expires_at: str
    abandoned_at: NotRequired[str]
    version: int
    derivation: NotRequired[DerivationView]


class CartView(UnownedCartView):
    session_id: str
    customer_id: NotRequired[str]


def view(priced: PricedCart, now: datetime) -> CartView:
    cart, sale = priced.cart, priced.sale
    body = CartView(
        cart_id=str(cart.id),
        status=cart.status_at(now),
        type=cart.cart_type,
        session_id=cart.session_id,
        currency=cart.currency,
        items=[_item(line, priced, now) for line in sale.lines],
        discounts=[
            *(_discount(discount, sale.currency) for discount in sale.discounts),
            *_codes_without_effect(priced),
        ],
        rejected=_rejected(priced),
        totals=show_totals(sale),
        metadata=dict(cart.metadata),
        expires_at=_timestamp(cart.expires_at),
        version=cart.version,
    )
    if cart.customer_id is not None:
        body["customer_id"] = cart.customer_id
    if cart.destination is not None:
        body["destination"] = _destination(cart.destination)
    if sale.shipping is not None:
        body["shipping"] = _shipping(sale.shipping, sale.currency)
    if cart.abandoned_at is not None:
        body["abandoned_at"] = _timestamp(cart.abandoned_at)
    return body


def view_explained(priced: PricedCart, now: datetime) -> CartView:
    """The cart with the derivation of every amount."""
    body = view(priced, now)
    body["derivation"] = _derivation(_explain(priced), priced.cart.currency)
    return body


def _explain(priced: PricedCart) -> Node:
    if priced.priced is None:
        return explain_sale(priced.sale)
    return explain_priced(priced.priced, priced.prices)


def _derivation(node: Node, currency: str) -> DerivationView:
    return DerivationView(
        name=node.name,
        amount=money(node.amount, currency),
        how=node.how,
        children=[_derivation(child, currency) for child in node.children],
    )


def _shipping(shipping: Shipping, currency: str) -> ShippingView:
    return ShippingView(
        option_id=None if shipping.option_id is None else str(shipping.option_id),
        name=shipping.name,
        price=money(shipping.price, currency),
        discount=money(shipping.discount, currency),
        tax=money(shipping.tax, currency),
        total=money(shipping.total, currency),
        fallback=shipping.fallback,
    )


def _destination(destination: Destination) -> DestinationView:
    body = DestinationView(country=destination.country)
    if destination.region is not None:
        body["region"] = destination.region
    return body


def _item(sold: SaleLine, priced: PricedCart, now: datetime) -> ItemView:
    cart, item_id = priced.cart, UUID(sold.line_id)
    line = cart.lines.get(item_id)
    item = ItemView(
        item_id=sold.line_id,
        product_id=str(sold.product_id),
        **show_priced(sold, cart.currency),  # type: ignore[typeddict-item]  # it has none of the optional keys
        available=priced.is_frozen or priced.prices.get(item_id) is not None,
        options=dict(line.options) if line else {},
        price_source=source_of(line, cart, priced.excerpt) if line else PRODUCT,
        units=sold.units,
    )
    if sold.offer_id is not None:
        item["offer_id"] = str(sold.offer_id)
    if sold.upsell_id is not None:
        item["upsell_id"] = str(sold.upsell_id)
    if sold.experiment is not None:
        item["variant_id"] = str(sold.experiment.variant_id)
    if sold.product_type == TEAM_LICENSE:
        item["gift_seats"] = sold.gift_seats
    if change := priced.pending_prices.get(item_id):
        _add_previous_price(item, change.previous_price, now, cart.currency)
    elif line and line.previous_price is not None and line.price_updated_at is not None:
        _add_previous_price(item, line.previous_price, line.price_updated_at, cart.currency)
    return item


def _add_previous_price(item: ItemView, price: int, changed_at: datetime, currency: str) -> None:
    item["previous_price"] = money(price, currency)
    item["price_updated_at"] = _timestamp(changed_at)


def _discount(discount: AppliedDiscount, currency: str) -> DiscountView:
    return DiscountView(
        code=discount.code,
        kind=discount.kind,
        amount=money(discount.amount, currency),
        allocation={line_id: money(share, currency) for line_id, share in discount.allocation.items()},
        status=APPLIED,
    )


def _codes_without_effect(priced: PricedCart) -> list[DiscountView]:
    return [
        DiscountView(
            code=priced.cart.codes[promotion_id],
            kind=found.rule.kind if (found := priced.excerpt.promotions.get(promotion_id)) else UNKNOWN,
            amount=money(0, priced.cart.currency),
            allocation={},
            status=NOT_APPLIED,
            reason=reason,
        )
        for promotion_id, reason in priced.not_applied.items()
    ]


def _rejected(priced: PricedCart) -> list[RejectedView]:
    return [
        RejectedView(code=it.code, promotion_id=it.promotion_id, reason=REASON_CODES[it.reason])
        for it in (priced.priced.rejected if priced.priced else ())
    ]


def _timestamp(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
