"""Orders and their refunds as callers see them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from checkout_saga.orders.domain.order import Order
from checkout_saga.payments.domain.payment import Payment
from contracts.sale import Destination, Sale, SaleLine
from kernel.http.requests import Money


class TotalsView(BaseModel):
    subtotal: Money
    discount: Money
    shipping: Money
    tax: Money
    total: Money


class DestinationView(BaseModel):
    """Where the goods go: prices and taxes are those of this place."""

    country: str
    region: str | None = None


class LineView(BaseModel):
    line_id: str
    product_id: UUID
    sku: str
    name: str
    quantity: int
    unit_price: Money
    discount: Money
    tax: Money
    total: Money
    units_left: int
    refundable: Money


class DiscountView(BaseModel):
    code: str | None = None
    kind: str
    amount: Money


class PaymentView(BaseModel):
    payment_id: UUID
    gateway: str
    status: str
    authorized: Money
    captured: Money
    refunded: Money


class RefundView(BaseModel):
    refund_id: UUID
    status: str
    amount: Money
    reason: str
    code: str | None = None
    """Why the gateway has refused it, or PAYMENT_OUTCOME_UNKNOWN, REFUND_PAID_TWICE or NOT_DONE."""


class AttentionView(BaseModel):
    kind: Literal["refund"]
    id: UUID
    order_id: UUID
    since: datetime
    code: str
    detail: str
    tries: int
    actions: list[str]


class OrderView(BaseModel):
    order_id: UUID
    number: str
    status: str
    checkout_id: UUID
    cart_id: UUID
    customer_id: str
    currency: str
    lines: list[LineView]
    discounts: list[DiscountView]
    totals: TotalsView
    destination: DestinationView | None = None
    payments: list[PaymentView]
    refunds: list[RefundView]
    refundable: Money
    created_at: datetime
    version: int


def show_order(order: Order, payment: Payment | None) -> OrderView:
    sale = order.sale
    return OrderView(
        order_id=order.id,
        number=order.number,
        status=order.status,
        checkout_id=order.checkout_id,
        cart_id=order.cart_id,
        customer_id=order.customer_id,
        currency=sale.currency,
        lines=[_line(it, order) for it in sale.lines],
        discounts=[
            DiscountView(code=it.code, kind=it.kind, amount=_money(it.amount, sale.currency))
            for it in sale.discounts
        ],
        totals=show_totals(sale),
        destination=show_destination(sale.destination),
        payments=[_payment(payment)] if payment and payment.exists else [],
        refunds=[
            RefundView(
                refund_id=refund_id,
                status=it.status,
                amount=_money(it.amount, sale.currency),
                reason=it.reason,
                code=it.code if it.status != "refunded" or it.paid_twice else None,
            )
            for refund_id, it in order.refunds.items()
        ],
        refundable=_money(order.refundable, sale.currency),
        created_at=order.created_at,
        version=order.version,
    )


def show_attention(order: Order, refund_id: UUID) -> AttentionView:
    refund = order.refunds[refund_id]
    return AttentionView(
        kind="refund",
        id=refund_id,
        order_id=order.id,
        since=refund.since or order.created_at,
        code=refund.code or "",
        detail=refund.detail,
        tries=refund.tries,
        actions=["resolve"] if refund.paid_twice else ["retry", "resolve"],
    )


def _line(line: SaleLine, order: Order) -> LineView:
    left, currency = order.remainder.balance_of(line.line_id), order.sale.currency
    return LineView(
        line_id=line.line_id,
        product_id=line.product_id,
        sku=line.sku,
        name=line.name,
        quantity=line.quantity,
        unit_price=_money(line.unit_price, currency),
        discount=_money(line.discount, currency),
        tax=_money(line.tax, currency),
        total=_money(line.total, currency),
        units_left=left.units,
        refundable=_money(min(left.amount, order.refundable), currency),
    )


def show_destination(destination: Destination | None) -> DestinationView | None:
    return DestinationView(country=destination.country, region=destination.region) if destination else None


def show_totals(sale: Sale) -> TotalsView:
    return TotalsView(**{name: _money(amount, sale.currency) for name, amount in sale.totals})


def _payment(payment: Payment) -> PaymentView:
    return PaymentView(
        payment_id=payment.id,
        gateway=payment.gateway,
        status=payment.status,
        authorized=_money(payment.authorized, payment.currency),
        captured=_money(payment.captured, payment.currency),
        refunded=_money(payment.refunded, payment.currency),
    )


def _money(amount: int, currency: str) -> Money:
    return Money(amount=amount, currency=currency)
