"""What an order holds beside its facts, made again after its facts have been recovered."""

from __future__ import annotations

from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.use_cases.customer_segments import hold_number_again
from checkout_saga.orders.use_cases.index_keys import (
    CUSTOMER_ORDER,
    ORDER_NUMBER,
    REFUND_NEEDING_ATTENTION,
    order_key,
)
from checkout_saga.orders.use_cases.refund_requests import call_gateway, check_gateway_later
from kernel.unit_of_work import UnitOfWork


async def resume_order(order: Order, work: UnitOfWork) -> None:
    """Claim the keys, and go on with the refunds that are under way."""
    name = order_key(work.context.tenant, order.customer_id, order.created_at, order.id)
    work.claim_key(CUSTOMER_ORDER, name, order.id)
    work.claim_key(ORDER_NUMBER, order.number, order.id)
    await hold_number_again(order, work)
    for refund_id, refund in order.refunds.items():
        if refund.needs_attention:
            work.claim_key(REFUND_NEEDING_ATTENTION, str(refund_id), order.id)
        if refund.is_pending and not refund.is_for_people:
            # the call may have been made: its key is looked up first
            call_gateway(order, refund_id, work.now, work, tries=1)
        elif refund.settled and not refund.is_manual:
            check_gateway_later(order, refund_id, work)
