"""The timers of carts, and the names under which carts can be found."""

CART_EXPIRY = "cart.expiry"
LOCK_EXPIRY = "cart.lock_expiry"

SESSION = "session"
"""A session's one open cart."""
SESSION_CART = "session_cart"
CUSTOMER_CART = "customer_cart"

SEPARATOR = "\x1f"
"""Stands in no session's or customer's id."""


def listed_under(owner: str, cart_id: object = "") -> str:
    """The name by which a cart stands in its owner's list; without a cart, what all of them begin with."""
    return f"{owner}{SEPARATOR}{cart_id}"
