"""A cart as callers see it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NotRequired
from uuid import UUID

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from cart.application.cart_at_hand import Shown
from cart.domain.cart import Cart
from contracts.sale import AppliedDiscount, Sale, SaleLine

EXACT = with_config(ConfigDict(extra="forbid"))


@EXACT
class Money(TypedDict):
    """Minor units by ISO 4217."""

    amount: int
    currency: str


class ItemView(TypedDict):
    item_id: str
    product_id: str
    name: str
    quantity: int
    unit_price: Money
    previous_price: NotRequired[Money]
    discount: Money
    tax: Money
    total: Money
    options: dict[str, Any]


class DiscountView(TypedDict):
    """``code`` is null for a promotion that applies by itself; ``allocation`` gives each item's share."""

    code: str | None
    kind: str
    amount: Money
    allocation: dict[str, Money]


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
    currency: str
    items: list[ItemView]
    discounts: list[DiscountView]
    totals: TotalsView
    metadata: dict[str, Any]
    expires_at: str
    version: int


def view(it: Shown, now: datetime) -> CartView:
    cart, sale = it.cart, it.sale
    shown = CartView(
        cart_id=str(cart.id),
        status=cart.status_at(now),
        type=cart.cart_type,
        session_id=cart.session_id,
        currency=cart.currency,
        items=[_item(line, cart) for line in sale.lines],
        discounts=[*(_discount(one, sale.currency) for one in sale.discounts), *_idle_codes(it)],
        totals=_totals(sale),
        metadata=dict(cart.metadata),
        expires_at=cart.expires_at.isoformat().replace("+00:00", "Z"),
        version=cart.version,
    )
    if cart.customer_id is not None:
        shown["customer_id"] = cart.customer_id
    return shown


def _item(priced: SaleLine, cart: Cart) -> ItemView:
    line = cart.lines.get(UUID(priced.line_id))
    item = ItemView(
        item_id=priced.line_id,
        product_id=str(priced.product_id),
        name=priced.name,
        quantity=priced.quantity,
        unit_price=_money(priced.unit_price, cart.currency),
        discount=_money(priced.discount, cart.currency),
        tax=_money(priced.tax, cart.currency),
        total=_money(priced.total, cart.currency),
        options=dict(line.options) if line else {},
    )
    if line and line.previous_price is not None:
        item["previous_price"] = _money(line.previous_price, cart.currency)
    return item


def _discount(it: AppliedDiscount, currency: str) -> DiscountView:
    return DiscountView(
        code=it.code,
        kind=it.kind,
        amount=_money(it.amount, currency),
        allocation={line_id: _money(share, currency) for line_id, share in it.allocation.items()},
    )


def _idle_codes(it: Shown) -> list[DiscountView]:
    """Codes that are on the cart and do nothing at present."""
    used = {one.promotion_id for one in it.sale.discounts}
    return [
        DiscountView(
            code=code,
            kind=it.excerpt.promotions[promotion_id].rule.kind,
            amount=_money(0, it.cart.currency),
            allocation={},
        )
        for promotion_id, code in it.cart.codes.items()
        if promotion_id not in used and promotion_id in it.excerpt.promotions
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


def _money(amount: int, currency: str) -> Money:
    return Money(amount=amount, currency=currency)
