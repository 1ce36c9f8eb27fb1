"""Return a session's open cart, or create one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.use_cases.cart_access import PricedCart, open_cart
from cart.carts.use_cases.index_keys import CART_EXPIRY, CUSTOMER_CART, SESSION, SESSION_CART, listed_under
from cart.carts.use_cases.policy import Policy
from cart.carts.use_cases.show_cart import show
from cart.catalogue.ports import Catalogue
from kernel.ids import new_id
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class CreateCart:
    session_id: str
    customer_id: str | None
    currency: str
    cart_type: str
    metadata: dict[str, Any]


class SessionHasOverdueCart(Exception):
    """The session's cart has outlived its lifetime: expire it, then create the cart again."""

    def __init__(self, cart_id: UUID) -> None:
        super().__init__(str(cart_id))
        self.cart_id = cart_id


async def create_cart(
    command: CreateCart, work: UnitOfWork, catalogue: Catalogue, policy: Policy
) -> tuple[PricedCart, bool]:
    """The cart, and whether it is new. Raises SessionHasOverdueCart."""
    open_cart_id = await work.owner_of_key(SESSION, command.session_id)
    if open_cart_id is not None:
        cart = await open_cart(open_cart_id, work)
        if cart.is_overdue(work.now):
            raise SessionHasOverdueCart(cart.id)
        return await show(cart, work, catalogue), False
    cart = work.create(Cart, new_id())
    cart.create(
        session_id=command.session_id,
        customer_id=command.customer_id,
        currency=command.currency,
        cart_type=command.cart_type,
        metadata=command.metadata,
        expires_at=work.now + policy.lifetime,
    )
    work.set_timer(CART_EXPIRY, cart.id, cart.expires_at)
    work.claim_key(SESSION, command.session_id, cart.id)
    work.claim_key(SESSION_CART, listed_under(command.session_id, cart.id), cart.id)
    if command.customer_id is not None:
        work.claim_key(CUSTOMER_CART, listed_under(command.customer_id, cart.id), cart.id)
    return await show(cart, work, catalogue), True
