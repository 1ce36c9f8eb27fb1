"""Give an anonymous cart its customer."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.domain.cart_state import CUSTOMER
from cart.carts.use_cases.cart_access import (
    PricedCart,
    open_active_cart,
    priced_after_write,
    record_current_prices,
    record_prices,
    wanted_by,
)
from cart.carts.use_cases.index_keys import CUSTOMER_CART, listed_under
from cart.catalogue.domain.excerpt import Catalogue, CatalogueExcerpt
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class SetCustomer:
    cart_id: UUID
    customer_id: str


async def set_customer(command: SetCustomer, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    """The prices are those for the customer from now on. Raises CartHasCustomer if there is another one."""
    cart = await open_active_cart(command.cart_id, work)
    wanted = wanted_by(cart, buyer=command.customer_id)
    excerpt = await record_current_prices(cart, work, catalogue, wanted=wanted)
    adopt_customer(cart, command.customer_id, excerpt, work)
    return priced_after_write(cart, excerpt, work, CUSTOMER)


def adopt_customer(cart: Cart, customer_id: str | None, excerpt: CatalogueExcerpt, work: UnitOfWork) -> None:
    """Record the customer of a cart that has none, and the prices for that customer. Raises
    CartHasCustomer."""
    cart.must_belong_to(customer_id)
    if cart.customer_id is None and customer_id is not None:
        cart.set_customer(customer_id)
        work.claim_key(CUSTOMER_CART, listed_under(customer_id, cart.id), cart.id)
        record_prices(cart, excerpt, work, CUSTOMER)
