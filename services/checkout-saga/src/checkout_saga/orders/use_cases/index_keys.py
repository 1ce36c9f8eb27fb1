"""Kinds and values of the unique keys that index orders and refunds by time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from checkout_saga.customers.domain.customer import customer_stream_id
from kernel.store.sort_keys import time_key

REFUND_NEEDING_ATTENTION = "refund_to_see_to"
"""Held by a refund while it needs an operator; the value is its id, which sorts by time."""
CUSTOMER_ORDER = "customer_order"
"""Lists a customer's orders by time."""

ORDER_NUMBER = "order_number"
"""Held by an order for ever; the value is its number, by which people name it."""
PAID_ORDER = "paid_order"
"""Held by an order that changes no segment of its customer; the value ends with the number of paid ones."""


def customer_orders_prefix(tenant: str, customer_id: str) -> str:
    """The prefix of this customer's order keys: the stream's id, since customer ids may have slashes."""
    return f"{customer_stream_id(tenant, customer_id)}/"


def paid_order_key(tenant: str, customer_id: str, number: int) -> str:
    return f"{customer_orders_prefix(tenant, customer_id)}{number}"


def order_key(tenant: str, customer_id: str, created_at: datetime, order_id: UUID) -> str:
    return f"{customer_orders_prefix(tenant, customer_id)}{time_key(created_at)}/{order_id}"
