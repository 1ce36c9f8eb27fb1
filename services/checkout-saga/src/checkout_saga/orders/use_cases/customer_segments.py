"""The segments of customers that follow from their paid orders.

The orders are counted in the customer's list of orders, so that those from before this rule count, too. Of
two orders that are paid at the same moment one is decided again: both change the profile, or claim the number
that their order has.
"""

from __future__ import annotations

from itertools import chain
from uuid import UUID

from checkout_saga.customers.use_cases import find_customer, ids_of
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.use_cases.index_keys import (
    CUSTOMER_ORDER,
    PAID_ORDER,
    customer_orders_prefix,
    paid_order_key,
)
from kernel.errors import KeyClaimed
from kernel.unit_of_work import UnitOfWork

NEW, RETURNING, VIP = "new", "returning", "vip"
RETURNING_ORDERS, VIP_ORDERS = 2, 5


async def count_paid_order(order: Order, work: UnitOfWork) -> int | None:
    """The order is being paid. A person who has guests linked is counted as one; the segments are those
    of the id that has bought. Returns the number that the order holds. Raises ``KeyClaimed`` if another order
    was paid after the orders were read and before the number was: it is not counted yet."""
    customer = (await find_customer(order.customer_id, work)).customer
    if VIP in customer.automatic:
        return None
    paid = await _paid_orders(order.customer_id, work)
    count = len(paid | {order.id})
    segments = segments_for(count)
    if segments != customer.automatic:
        customer.change_automatic_segments(order.customer_id, segments)
        return None
    number = paid_order_key(work.context.tenant, order.customer_id, count)
    holder = await work.owner_of_key(PAID_ORDER, number)
    if holder is not None and holder not in paid:
        raise KeyClaimed(PAID_ORDER, number, holder)
    if holder is not None:
        return None
    work.claim_key(PAID_ORDER, number, order.id)
    return count


async def hold_number_again(order: Order, work: UnitOfWork) -> None:
    """Claim the number of an order whose facts have been recovered. An erasure has released it for good."""
    customer = (await find_customer(order.customer_id, work)).customer
    if order.number_held is not None and not customer.erased_ids:
        number = paid_order_key(work.context.tenant, order.customer_id, order.number_held)
        work.claim_key(PAID_ORDER, number, order.id)


def segments_for(paid_orders: int) -> tuple[str, ...]:
    """Sorted."""
    if paid_orders >= VIP_ORDERS:
        return (RETURNING, VIP)
    if paid_orders >= RETURNING_ORDERS:
        return (RETURNING,)
    return (NEW,) if paid_orders else ()


async def _paid_orders(customer_id: str, work: UnitOfWork) -> set[UUID]:
    prefixes = [customer_orders_prefix(work.context.tenant, it) for it in await ids_of(customer_id, work)]
    listed = [await work.keys_with_prefix(CUSTOMER_ORDER, it) for it in prefixes]
    orders = await work.open_many(Order, chain.from_iterable(it.values() for it in listed))
    return {it.id for it in orders.values() if it.paid}
