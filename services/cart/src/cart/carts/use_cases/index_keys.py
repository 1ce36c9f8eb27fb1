"""The timers of carts, and the kinds of unique keys by which carts are found."""

from __future__ import annotations

from cart.carts.domain.cart_state import CartState
from kernel.unit_of_work import UnitOfWork

CART_EXPIRY = "cart.expiry"
LOCK_EXPIRY = "cart.lock_expiry"
ABANDONMENT = "cart.abandonment"
RECOVERY = "cart.recovery"

SESSION = "session"
"""Session -> its open cart."""
SESSION_CART = "session_cart"
CUSTOMER_CART = "customer_cart"
"""All carts of a session or a customer, in the order of their creation."""

SEPARATOR = "\x1f"
"""A character that the ids of sessions and customers cannot contain."""


def listed_under(owner: str, cart_id: object = "") -> str:
    """The key of a cart in its owner's list; without a cart, the prefix of all of them."""
    return f"{owner}{SEPARATOR}{cart_id}"


def release_sessions(cart: CartState, work: UnitOfWork) -> None:
    """The cart is no longer the open cart of its sessions."""
    for session in cart.sessions:
        work.release_key(SESSION, session)


async def take_sessions_back(cart: CartState, work: UnitOfWork) -> bool:
    """Make the cart the open cart of the sessions that it has left: of all of them, or of none if one has
    another open cart. Returns whether it is."""
    left = sorted(cart.left_sessions)
    if left and await work.owners_of_keys(SESSION, left):
        return False
    for session in left:
        work.claim_key(SESSION, session, cart.id)
    return True
