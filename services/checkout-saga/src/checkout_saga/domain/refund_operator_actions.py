"""What an operator may decide about a refund that has not come to its end, and when."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.domain.errors import RefundNotFound, RefundNotResolvable
from checkout_saga.domain.operator_actions import DONE
from checkout_saga.domain.order import Order
from checkout_saga.domain.refund import NOT_DONE, Refund
from contracts import order as facts


def refund_of(it: Order, refund_id: UUID) -> Refund:
    refund = it.refunds.get(refund_id)
    if refund is None:
        raise RefundNotFound("no such refund of this order")
    return refund


def retry(it: Order, refund_id: UUID, operator: str, reason: str) -> None:
    """What the gateway has refused is asked for anew: the same key would bring the same answer."""
    refund = refund_of(it, refund_id)
    if refund.status == "refunded" or refund.paid_twice:
        raise RefundNotResolvable("the money is back already", refund_status=refund.status)
    intent = refund.intent
    if refund.status == "failed":
        _check_left(it, refund)
        intent += refund.code != NOT_DONE
    it.record(facts.RefundRetried(refund_id=refund_id, operator=operator, reason=reason, intent=intent))


def resolve(
    it: Order, refund_id: UUID, operator: str, reason: str, outcome: str, reference: str | None
) -> Refund:
    """Only what needs somebody: as long as the gateway may still tell by itself, nobody else does."""
    refund = refund_of(it, refund_id)
    if not refund.needs_attention:
        raise RefundNotResolvable("it waits for no operator", refund_status=refund.status)
    if refund.paid_twice:
        if outcome != DONE:
            raise RefundNotResolvable("the gateway has paid it", refund_status=refund.status)
    elif outcome == DONE and refund.status == "failed":
        _check_left(it, refund)
    it.record(
        facts.RefundResolved(
            refund_id=refund_id,
            operator=operator,
            reason=reason,
            outcome=outcome,
            reference=reference,
        )
    )
    return refund


def _check_left(it: Order, refund: Refund) -> None:
    """Since it failed, another refund may have taken what it was about."""
    if not it.remainder.covers(refund.allocation):
        raise RefundNotResolvable(
            "what it would give back is given back already, or on its way",
            refund_status=refund.status,
            refundable=it.refundable,
        )
