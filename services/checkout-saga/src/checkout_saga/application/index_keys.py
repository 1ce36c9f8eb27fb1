"""The names under which checkouts and orders are found: the earlier one of two sorts first."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from checkout_saga.domain.checkout import Checkout
from checkout_saga.domain.customer import customer_stream_id

OPEN_CHECKOUT = "open_checkout"
"""The name that a checkout bears from its start to its end: its start time and its id."""
CART_SALE = "cart_sale"
"""A cart's, for the one checkout that has asked for its money; let go only when that was taken back."""
REFUND_NEEDING_ATTENTION = "refund_to_see_to"
"""A refund's id, as long as it needs an operator; those of earlier ones sort first."""
CUSTOMER_ORDER = "customer_order"
"""The names under which a customer's orders are listed."""


def time_key(moment: datetime) -> str:
    """A time as the beginning of a name."""
    return f"{moment.timestamp():020.6f}"


def open_checkout_key(checkout: Checkout) -> str:
    return f"{time_key(checkout.started_at)}/{checkout.id}"


def customer_orders_prefix(tenant: str, customer_id: str) -> str:
    """What the names of this customer's orders begin with, and nobody else's: ids may hold slashes."""
    return f"{customer_stream_id(tenant, customer_id)}/"


def order_key(tenant: str, customer_id: str, created_at: datetime, order_id: UUID) -> str:
    return f"{customer_orders_prefix(tenant, customer_id)}{time_key(created_at)}/{order_id}"
