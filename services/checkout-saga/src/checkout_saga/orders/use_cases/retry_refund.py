"""An operator has the gateway call of a refund repeated at once."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.orders.domain import operator_actions as refund_operator_actions
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.use_cases.refund_order import REFUND_ORDER, find_order, update_attention_list
from kernel.unit_of_work import UnitOfWork


async def retry_refund(order_id: UUID, refund_id: UUID, reason: str, work: UnitOfWork) -> Order:
    """If it may have been performed, its key is looked up first; a refused refund gets a new key."""
    order = await find_order(order_id, work)
    refund = refund_operator_actions.refund_of(order, refund_id)
    needed, intent = refund.needs_attention, refund.intent
    refund_operator_actions.retry(order, refund_id, work.context.actor, reason)
    payload = {"order_id": str(order_id), "tries": 1 if refund.intent == intent else 0}
    work.set_timer(REFUND_ORDER, refund_id, work.now, payload)
    update_attention_list(order, refund_id, needed, work)
    return order
