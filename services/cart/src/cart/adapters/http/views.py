"""A cart as callers see it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NotRequired
from uuid import UUID

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from cart.application.cart_access import PricedCart
from contracts.sale import AppliedDiscount, Destination, Sale, SaleLine

EXACT = with_config(ConfigDict(extra="forbid"))
APPLIED, NOT_APPLIED = "applied", "not_applied"
UNKNOWN = "unknown"


@EXACT
class Money(TypedDict):
    """Minor units by ISO 4217."""

    amount: int
    currency: str


class DestinationView(TypedDict):
    country: str
    region: NotRequired[str]


class ItemView(TypedDict):
    """``available`` is false for what is not sold any more: it keeps its price, and no checkout takes it."""

    item_id: str
    product_id: str
    name: str
    quantity: int
    unit_price: Money
    previous_price: NotRequired[Money]
    price_updated_at: NotRequired[str]
    available: bool
    discount: Money
    tax: Money
    total: Money
    options: dict[str, Any]


class DiscountView(TypedDict):
    """``code`` is null for a promotion that applies by itself; ``allocation`` gives each item's share.
    ``status`` is applied, or not_applied for a code that does nothing at present, and then there is its
    ``reason``."""

    code: str | None
    kind: str
    amount: Money
    allocation: dict[str, Money]
    status: str
    reason: NotRequired[str]


class TotalsView(TypedDict):
    subtotal: Money
    discount: Money
    shipping: Money
    tax: Money
    total: Money


class CartView(TypedDict):
    cart_id: str
    status: str
    type: str
    session_id: str
    customer_id: NotRequired[str]
    destination: NotRequired[DestinationView]
    currency: str
    items: list[ItemView]
    discounts: list[DiscountView]
    totals: TotalsView
    metadata: dict[str, Any]
    expires_at: str
    version: int


def view(it: PricedCart, now: datetime) -> CartView:
    cart, sale = it.cart, it.sale
    shown = CartView(
        cart_id=str(cart.id),
        status=cart.status_at(now),
        type=cart.cart_type,
        session_id=cart.session_id,
        currency=cart.currency,
        items=[_item(line, it, now) for line in sale.lines],
        discounts=[*(_discount(one, sale.currency) for one in sale.discounts), *_idle_codes(it)],
        totals=_totals(sale),
        metadata=dict(cart.metadata),
        expires_at=_moment(cart.expires_at),
        version=cart.version,
    )
    if cart.customer_id is not None:
        shown["customer_id"] = cart.customer_id
    if cart.destination is not None:
        shown["destination"] = _destination(cart.destination)
    return shown


def _destination(it: Destination) -> DestinationView:
    told = DestinationView(country=it.country)
    if it.region is not None:
        told["region"] = it.region
    return told


def _item(priced: SaleLine, it: PricedCart, now: datetime) -> ItemView:
    cart, item_id = it.cart, UUID(priced.line_id)
    line = cart.lines.get(item_id)
    item = ItemView(
        item_id=priced.line_id,
        product_id=str(priced.product_id),
        name=priced.name,
        quantity=priced.quantity,
        unit_price=_money(priced.unit_price, cart.currency),
        available=it.is_frozen or it.excerpt.sells(priced.product_id, cart.currency, cart.country),
        discount=_money(priced.discount, cart.currency),
        tax=_money(priced.tax, cart.currency),
        total=_money(priced.total, cart.currency),
        options=dict(line.options) if line else {},
    )
    if news := it.news.get(item_id):
        _was(item, news.previous_price, now, cart.currency)
    elif line and line.previous_price is not None and line.price_updated_at is not None:
        _was(item, line.previous_price, line.price_updated_at, cart.currency)
    return item


def _was(item: ItemView, price: int, until: datetime, currency: str) -> None:
    item["previous_price"] = _money(price, currency)
    item["price_updated_at"] = _moment(until)


def _discount(it: AppliedDiscount, currency: str) -> DiscountView:
    return DiscountView(
        code=it.code,
        kind=it.kind,
        amount=_money(it.amount, currency),
        allocation={line_id: _money(share, currency) for line_id, share in it.allocation.items()},
        status=APPLIED,
    )


def _idle_codes(it: PricedCart) -> list[DiscountView]:
    """Codes that are on the cart and do nothing at present."""
    return [
        DiscountView(
            code=it.cart.codes[promotion_id],
            kind=known.rule.kind if (known := it.excerpt.promotions.get(promotion_id)) else UNKNOWN,
            amount=_money(0, it.cart.currency),
            allocation={},
            status=NOT_APPLIED,
            reason=reason,
        )
        for promotion_id, reason in it.not_applied.items()
    ]


def _totals(sale: Sale) -> TotalsView:
    totals = sale.totals
    return TotalsView(
        subtotal=_money(totals.subtotal, sale.currency),
        discount=_money(totals.discount, sale.currency),
        shipping=_money(totals.shipping, sale.currency),
        tax=_money(totals.tax, sale.currency),
        total=_money(totals.total, sale.currency),
    )


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _money(amount: int, currency: str) -> Money:
    return Money(amount=amount, currency=currency)
