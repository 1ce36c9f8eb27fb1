"""Cancel units of an order's lines that have not been handed over."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from checkout_saga.orders.domain.errors import OrderNotCancellable
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.order_state import FINAL
from checkout_saga.orders.domain.refund import RefundPart, RefundSelection
from contracts.order import RefundedUnits


def cancel_lines(
    order: Order, refund_id: UUID, units: Sequence[RefundedUnits], reason: str, disputed: int = 0
) -> None:
    """Record the cancellation, and request a refund of what the units have cost. The order is fulfilled by
    it, if nothing is left to hand over. ``disputed``: what disputes of its payment keep.

    Raises ``OrderNotCancellable``, with the units that have been handed over, and ``NotRefundable``.
    """
    if order.status in FINAL or not order.results:
        raise OrderNotCancellable(
            "The order's lines cannot be cancelled in its present status.", order_status=order.status
        )
    for it in units:
        if it.quantity > order.open_units(it.line_id):
            raise OrderNotCancellable(
                "There is no such line, or fewer of its units are still to be handed over.",
                line_id=it.line_id,
                handed_over=order.handed_over(it.line_id),
            )
    selection = RefundSelection(parts=tuple(RefundPart(it.line_id, it.quantity) for it in units))
    costs = sum(share.amount for share in selection.shares(order.remainder))
    order.cancel_units(refund_id, units, reason)
    if costs:
        order.request_refund(refund_id, selection, reason, disputed=disputed)
    order.fulfill_rest()
