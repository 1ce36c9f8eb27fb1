"""Orders and their refunds as callers see them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.refund import Refund, RefundStatus
from checkout_saga.orders.schemas.destination import DestinationView, show_destination
from checkout_saga.orders.schemas.upsells import OriginView, UpsellView, show_origin, show_upsells
from checkout_saga.orders.use_cases.reading import OrderWithPayment
from checkout_saga.payments.domain.payment import Payment
from contracts import views
from contracts.sale import AppliedDiscount, SaleLine, Shipping
from contracts.views import Money, TotalsView, money, show_discount, show_line, show_totals
from pricing.refunds import SHIPPING


class FulfillmentView(BaseModel):
    """How far a line is handed over; ``detail`` is the code of a failure, ``units`` how many of a pending
    line are handed over already."""

    result: Literal["successful", "pending", "failed"]
    reference: str | None = None
    detail: str | None = None
    units: int | None = None


class LineView(views.LineView):
    units: int
    offer_id: UUID | None
    upsell_id: UUID | None
    campaign_id: UUID | None
    variant_id: UUID | None
    gift_seats: int
    units_left: int
    refundable: Money
    fulfillment: FulfillmentView | None


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


class RefundShareView(BaseModel):
    """What a refund gives back of one line, or without ``line_id`` of the shipping."""

    line_id: str | None
    quantity: int
    amount: Money
    tax: Money


class RefundView(BaseModel):
    refund_id: UUID
    status: str
    amount: Money
    reason: str
    reason_code: str
    method: str
    allocation: list[RefundShareView]
    code: str | None = None
    """Why the gateway has refused it, or PAYMENT_OUTCOME_UNKNOWN, REFUND_UNDECIDED, REFUND_PAID_TWICE,
    REFUND_MANUAL or NOT_DONE."""


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
    upsells: list[UpsellView] = []
    origin: OriginView | None = None
    created_at: datetime
    version: int


def show_order(shown: OrderWithPayment, now: datetime) -> OrderView:
    order, payment = shown
    sale = order.sale
    refundable = order.refundable_beside(payment.disputed if payment else 0)
    return OrderView(
        order_id=order.id,
        number=order.number,
        status=order.status,
        checkout_id=order.checkout_id,
        cart_id=order.cart_id,
        customer_id=order.customer_id,
        currency=sale.currency,
        lines=[_line(it, order, refundable) for it in sale.lines],
        discounts=[_discount(it, sale.currency) for it in sale.discounts],
        shipping=_shipping(sale.shipping, order, refundable) if sale.shipping else None,
        totals=show_totals(sale),
        destination=show_destination(sale.destination),
        payments=[_payment(payment)] if payment and payment.exists else [],
        refunds=[_refund(refund_id, it, sale.currency) for refund_id, it in order.refunds.items()],
        upsells=show_upsells(order, now),
        origin=show_origin(order),
        refundable=money(refundable, sale.currency),
        created_at=order.created_at,
        version=order.version,
    )


def _refund(refund_id: UUID, refund: Refund, currency: str) -> RefundView:
    return RefundView(
        refund_id=refund_id,
        status=refund.status,
        amount=money(refund.amount, currency),
        reason=refund.reason,
        reason_code=refund.reason_code,
        method=refund.method,
        allocation=[
            RefundShareView(
                line_id=it.line_id,
                quantity=it.quantity,
                amount=money(it.amount, currency),
                tax=money(it.tax, currency),
            )
            for it in refund.allocation
        ],
        code=refund.code if refund.status is not RefundStatus.REFUNDED or refund.paid_twice else None,
    )


def _line(line: SaleLine, order: Order, refundable: int) -> LineView:
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
        refundable=money(min(left.amount, refundable), currency),
        fulfillment=_fulfillment(line.line_id, order),
    )


def _fulfillment(line_id: str, order: Order) -> FulfillmentView | None:
    found = next((it for it in order.results if it.line_id == line_id), None)
    return FulfillmentView.model_validate(found.model_dump(exclude={"line_id"})) if found else None


def _discount(discount: AppliedDiscount, currency: str) -> DiscountView:
    referral = ReferralView(**discount.referral.model_dump()) if discount.referral else None
    return DiscountView(**show_discount(discount, currency), referral=referral)


def _shipping(shipping: Shipping, order: Order, refundable: int) -> ShippingView:
    left, currency = order.remainder.balance_of(SHIPPING), order.sale.currency
    return ShippingView(
        option_id=shipping.option_id,
        name=shipping.name,
        price=money(shipping.price, currency),
        discount=money(shipping.discount, currency),
        tax=money(shipping.tax, currency),
        total=money(shipping.total, currency),
        refundable=money(min(left.amount, refundable), currency),
    )


def _payment(payment: Payment) -> PaymentView:
    return PaymentView(
        payment_id=payment.id,
        gateway=payment.gateway,
        status=payment.status,
        authorized=money(payment.authorized, payment.currency),
        captured=money(payment.captured, payment.currency),
        refunded=money(payment.refunded, payment.currency),
    )
