"""What an operator may decide about a refund that is stuck, failed or was paid twice."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.orders.domain.errors import RefundNotFound, RefundNotResolvable
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.refund import NOT_DONE, Refund, RefundStatus
from checkout_saga.payments.domain.resolution import DONE
from contracts import order as facts


def refund_of(order: Order, refund_id: UUID) -> Refund:
    refund = order.refunds.get(refund_id)
    if refund is None:
        raise RefundNotFound("There is no such refund of this order.")
    return refund


def retry(order: Order, refund_id: UUID, operator: str, reason: str) -> None:
    """A refused refund is retried under a new idempotency key: the old one would get the same answer."""
    refund = refund_of(order, refund_id)
    if refund.is_manual:
        raise RefundNotResolvable("It is paid back by hand: no call is made.", refund_status=refund.status)
    if refund.status is RefundStatus.REFUNDED or refund.paid_twice:
        raise RefundNotResolvable("The money has been paid back already.", refund_status=refund.status)
    intent = refund.intent + refund.is_for_people
    if refund.status is RefundStatus.FAILED:
        _check_left(order, refund)
        intent += refund.code != NOT_DONE
    order.record(facts.RefundRetried(refund_id=refund_id, operator=operator, reason=reason, intent=intent))


def resolve(
    order: Order, refund_id: UUID, operator: str, reason: str, outcome: str, reference: str | None
) -> Refund:
    """Record how a refund ended. Only if it needs attention: before that the gateway may report it."""
    refund = refund_of(order, refund_id)
    if not refund.needs_attention:
        raise RefundNotResolvable("The refund is not waiting for an operator.", refund_status=refund.status)
    if refund.paid_twice:
        if outcome != DONE:
            raise RefundNotResolvable(
                "The gateway has paid this refund: it can only be resolved as done.",
                refund_status=refund.status,
            )
    elif outcome == DONE and refund.status is RefundStatus.FAILED:
        _check_left(order, refund)
    order.record(
        facts.RefundResolved(
            refund_id=refund_id,
            operator=operator,
            reason=reason,
            outcome=outcome,
            reference=reference,
        )
    )
    return refund


def _check_left(order: Order, refund: Refund) -> None:
    """Other refunds may have taken the amounts of a failed one since then."""
    if not order.remainder.covers(refund.allocation):
        raise RefundNotResolvable(
            "What this refund would pay back has been refunded otherwise, or is being refunded.",
            refund_status=refund.status,
            refundable=order.refundable,
        )
