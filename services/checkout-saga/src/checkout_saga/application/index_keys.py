"""Kinds and values of the unique keys that index checkouts, orders and refunds. All but the sale of a cart
sort by time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from checkout_saga.domain.checkout import Checkout
from checkout_saga.domain.customer import customer_stream_id

OPEN_CHECKOUT = "open_checkout"
"""Held by a checkout from its start to its end; the value is its start time and id."""
CART_SALE = "cart_sale"
"""Held by the one checkout that captures for a cart; released only by its compensation."""
REFUND_NEEDING_ATTENTION = "refund_to_see_to"
"""Held by a refund while it needs an operator; the value is its id, which sorts by time."""
CUSTOMER_ORDER = "customer_order"
"""Lists a customer's orders by time."""


def time_key(moment: datetime) -> str:
    """A time as a sortable prefix of a key."""
    return f"{moment.timestamp():020.6f}"


def open_checkout_key(checkout: Checkout) -> str:
    return f"{time_key(checkout.started_at)}/{checkout.id}"


def customer_orders_prefix(tenant: str, customer_id: str) -> str:
    """The prefix of this customer's order keys: the stream's id, since customer ids may have slashes."""
    return f"{customer_stream_id(tenant, customer_id)}/"


def order_key(tenant: str, customer_id: str, created_at: datetime, order_id: UUID) -> str:
    return f"{customer_orders_prefix(tenant, customer_id)}{time_key(created_at)}/{order_id}"
