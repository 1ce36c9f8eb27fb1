"""The upsells that may be bought after a purchase, as callers see them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.order_state import FINAL
from checkout_saga.orders.upsell_links import UpsellLinks
from contracts.upsell import Proposal
from contracts.views import Money, money
from kernel.http.descriptions import Word, euros

AVAILABLE = "available"
Status = Literal["available", "bought", "expired", "unavailable"]

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "upsells": Word("What may be bought after the purchase with the same payment method."),
        "UpsellView": Word("What may be bought after the purchase."),
        "UpsellView.upsell_id": Word("The upsell.", "019a2b3c-0008-7000-8000-000000000001"),
        "UpsellView.name": Word("Its name.", "A second mug"),
        "UpsellView.price": Word("What it costs before tax on top.", euros(800)),
        "UpsellView.tax": Word("The tax that is in the total.", euros(152)),
        "UpsellView.total": Word("What is charged.", euros(952)),
        "UpsellView.status": Word("available, bought, expired or unavailable.", "available"),
        "UpsellView.expires_at": Word("When it cannot be bought any more.", "2026-03-01T12:10:00Z"),
        "UpsellView.token": Word(
            "Buys it, without an API key; only GET shows it, as long as it is available.", "AQAB"
        ),
        "UpsellsOfOrder": Word("The upsells that may be bought after a purchase."),
        "UpsellsOfOrder.items": Word("At most three."),
        "origin": Word("The upsell of another order that was bought; null: a cart was bought.", None),
        "OriginView": Word("The order after which an upsell was bought."),
        "OriginView.kind": Word("upsell.", "upsell"),
    }
)


class OriginView(BaseModel):
    kind: str
    order_id: UUID
    upsell_id: UUID


class UpsellView(BaseModel):
    upsell_id: UUID
    product_id: UUID
    name: str
    quantity: int
    price: Money
    tax: Money
    total: Money
    status: Status
    expires_at: datetime
    token: str | None = None


class UpsellsOfOrder(BaseModel):
    items: list[UpsellView]


def show_upsells(order: Order, now: datetime) -> list[UpsellView]:
    """Without tokens: stored answers hold none."""
    return [_show(it, order, now) for it in order.upsells]


def with_tokens(
    upsells: list[UpsellView], links: UpsellLinks, tenant: str, order_id: UUID
) -> list[UpsellView]:
    return [
        it.model_copy(update={"token": links.token(tenant, order_id, number, it.expires_at)})
        if it.status == AVAILABLE
        else it
        for number, it in enumerate(upsells, start=1)
    ]


def show_origin(order: Order) -> OriginView | None:
    it = order.origin
    return OriginView(kind=it.kind, order_id=it.order_id, upsell_id=it.upsell_id) if it else None


def _show(proposal: Proposal, order: Order, now: datetime) -> UpsellView:
    currency, totals = proposal.sale.currency, proposal.sale.totals
    return UpsellView(
        upsell_id=proposal.upsell_id,
        product_id=proposal.product_id,
        name=proposal.name,
        quantity=proposal.quantity,
        price=money(totals.subtotal, currency),
        tax=money(totals.tax, currency),
        total=money(totals.total, currency),
        status=_status(proposal, order, now),
        expires_at=order.upsells_end_at,
    )


def _status(proposal: Proposal, order: Order, now: datetime) -> Status:
    if proposal.upsell_id in order.upsells_bought:
        return "bought"
    if order.status in FINAL:
        return "unavailable"
    return "expired" if now >= order.upsells_end_at else "available"
