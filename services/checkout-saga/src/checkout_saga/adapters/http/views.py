"""Checkouts and orders as callers see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from checkout_saga.adapters.http.step_data import show_data
from checkout_saga.domain.checkout import Checkout
from checkout_saga.domain.order import Order
from checkout_saga.domain.payment import Payment
from checkout_saga.domain.step_state import StepState
from checkout_saga.domain.workflow import steps_of
from contracts.sale import Destination, Sale, SaleLine
from kernel.http.requests import Money


class StepView(BaseModel):
    name: str
    status: str
    started_at: datetime | None = None
    finished_at: datetime | None = None
    data: dict[str, Any] | None = None
    compensation: str | None = None


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


class CheckoutView(BaseModel):
    checkout_id: UUID
    cart_id: UUID
    customer_id: str
    status: str
    phase: str
    steps: list[StepView]
    action_url: str | None = None
    order_id: UUID | None = None
    totals: TotalsView | None = None
    destination: DestinationView | None = None
    failure: dict[str, Any] | None = None
    expires_at: datetime
    version: int


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
    """Why the gateway has refused it, PAYMENT_OUTCOME_UNKNOWN or REFUND_PAID_TWICE."""


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


def show_checkout(it: Checkout) -> CheckoutView:
    failure = it.failure
    return CheckoutView(
        checkout_id=it.id,
        cart_id=it.cart_id,
        customer_id=it.customer_id,
        status=it.status,
        phase=it.phase,
        steps=[_step(name, it.steps.get(name), it) for name in steps_of(it.definition)],
        action_url=it.action_url,
        order_id=it.order_id if it.status != "failed" else None,
        totals=_totals(it.sale) if it.sale else None,
        destination=_destination(it.sale.destination if it.sale else it.destination),
        failure=None
        if failure is None
        else show_data(failure.data, it)
        | {"code": failure.code, "phase": failure.phase, "detail": failure.detail},
        expires_at=it.expires_at,
        version=it.version,
    )


def _step(name: str, state: StepState | None, checkout: Checkout) -> StepView:
    if state is None:
        return StepView(name=name, status="pending")
    return StepView(
        name=name,
        status=state.status,
        started_at=state.started_at,
        finished_at=state.finished_at,
        data=show_data(state.data, checkout) or None,
        compensation=state.compensation,
    )


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
        totals=_totals(sale),
        destination=_destination(sale.destination),
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
    it = order.refunds[refund_id]
    return AttentionView(
        kind="refund",
        id=refund_id,
        order_id=order.id,
        since=it.since or order.created_at,
        code=it.code or "",
        detail=it.detail,
        tries=it.tries,
        actions=["resolve"] if it.paid_twice else ["retry", "resolve"],
    )


def _line(it: SaleLine, order: Order) -> LineView:
    left, currency = order.remainder.balance_of(it.line_id), order.sale.currency
    return LineView(
        line_id=it.line_id,
        product_id=it.product_id,
        sku=it.sku,
        name=it.name,
        quantity=it.quantity,
        unit_price=_money(it.unit_price, currency),
        discount=_money(it.discount, currency),
        tax=_money(it.tax, currency),
        total=_money(it.total, currency),
        units_left=left.units,
        refundable=_money(min(left.amount, order.refundable), currency),
    )


def _destination(it: Destination | None) -> DestinationView | None:
    return DestinationView(country=it.country, region=it.region) if it else None


def _totals(sale: Sale) -> TotalsView:
    return TotalsView(**{name: _money(amount, sale.currency) for name, amount in sale.totals})


def _payment(it: Payment) -> PaymentView:
    return PaymentView(
        payment_id=it.id,
        gateway=it.gateway,
        status=it.status,
        authorized=_money(it.authorized, it.currency),
        captured=_money(it.captured, it.currency),
        refunded=_money(it.refunded, it.currency),
    )


def _money(amount: int, currency: str) -> Money:
    return Money(amount=amount, currency=currency)
