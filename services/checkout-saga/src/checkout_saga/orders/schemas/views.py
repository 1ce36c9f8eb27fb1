"""Orders and their refunds as callers see them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.refund import RefundStatus
from checkout_saga.orders.use_cases.operating import RefundOfOrder
from checkout_saga.orders.use_cases.reading import OrderWithPayment
from checkout_saga.payments.domain.payment import Payment
from contracts import views
from contracts.sale import AppliedDiscount, Destination, SaleLine, Shipping
from contracts.views import Money, TotalsView, money, show_discount, show_line, show_totals
from pricing.refunds import SHIPPING


class DestinationView(BaseModel):
    """Where the goods go: prices and taxes are those of this place."""

    country: str
    region: str | None = None


class LineView(views.LineView):
    units: int
    offer_id: UUID | None
    upsell_id: UUID | None
    campaign_id: UUID | None
    variant_id: UUID | None
    gift_seats: int
    units_left: int
    refundable: Money


class ReferralView(BaseModel):
    """Why a referral discount was given."""

    program_id: UUID
    rule_id: UUID
    attribution_id: UUID
    referrer_id: str


class DiscountView(views.DiscountView):
    referral: ReferralView | None


class ShippingView(BaseModel):
    """The chosen way of shipping; ``total`` is after discount, with tax."""

    option_id: UUID | None = None
    name: str
    price: Money
    discount: Money
    tax: Money
    total: Money
    refundable: Money


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
    shipping: ShippingView | None = None
    totals: TotalsView
    destination: DestinationView | None = None
    payments: list[PaymentView]
    refunds: list[RefundView]
    refundable: Money
    created_at: datetime
    version: int


def show_order(shown: OrderWithPayment, _now: datetime) -> OrderView:
    order, payment = shown
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
        discounts=[_discount(it, sale.currency) for it in sale.discounts],
        shipping=_shipping(sale.shipping, order) if sale.shipping else None,
        totals=show_totals(sale),
        destination=show_destination(sale.destination),
        payments=[_payment(payment)] if payment and payment.exists else [],
        refunds=[
            RefundView(
                refund_id=refund_id,
                status=it.status,
                amount=money(it.amount, sale.currency),
                reason=it.reason,
                code=it.code if it.status is not RefundStatus.REFUNDED or it.paid_twice else None,
            )
            for refund_id, it in order.refunds.items()
        ],
        refundable=money(order.refundable, sale.currency),
        created_at=order.created_at,
        version=order.version,
    )


def show_attention(shown: RefundOfOrder, _now: datetime) -> AttentionView:
    order, refund_id = shown
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
        **show_line(line, currency),
        units=line.units,
        offer_id=line.offer_id,
        upsell_id=line.upsell_id,
        campaign_id=line.campaign_id,
        variant_id=line.experiment.variant_id if line.experiment else None,
        gift_seats=line.gift_seats,
        units_left=left.units,
        refundable=money(min(left.amount, order.refundable), currency),
    )


def _discount(discount: AppliedDiscount, currency: str) -> DiscountView:
    referral = ReferralView(**discount.referral.model_dump()) if discount.referral else None
    return DiscountView(**show_discount(discount, currency), referral=referral)


def _shipping(shipping: Shipping, order: Order) -> ShippingView:
    left, currency = order.remainder.balance_of(SHIPPING), order.sale.currency
    return ShippingView(
        option_id=shipping.option_id,
        name=shipping.name,
        price=money(shipping.price, currency),
        discount=money(shipping.discount, currency),
        tax=money(shipping.tax, currency),
        total=money(shipping.total, currency),
        refundable=money(min(left.amount, order.refundable), currency),
    )


def show_destination(destination: Destination | None) -> DestinationView | None:
    return DestinationView(country=destination.country, region=destination.region) if destination else None


def _payment(payment: Payment) -> PaymentView:
    return PaymentView(
        payment_id=payment.id,
        gateway=payment.gateway,
        status=payment.status,
        authorized=money(payment.authorized, payment.currency),
        captured=money(payment.captured, payment.currency),
        refunded=money(payment.refunded, payment.currency),
    )
