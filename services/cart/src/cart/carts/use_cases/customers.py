"""Give an anonymous cart its customer."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cart.carts.domain.cart_state import CUSTOMER
from cart.carts.use_cases.cart_access import (
    PricedCart,
    open_active_cart,
    priced_after_write,
    record_current_prices,
    wanted_by,
)
from cart.carts.use_cases.index_keys import CUSTOMER_CART, listed_under
from cart.catalogue.domain.excerpt import Catalogue
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class SetCustomer:
    cart_id: UUID
    customer_id: str


async def set_customer(command: SetCustomer, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    """The prices are those for the customer from now on. Raises CartHasCustomer if there is another one."""
    cart = await open_active_cart(command.cart_id, work)
    cart.must_belong_to(command.customer_id)
    wanted = wanted_by(cart, buyer=command.customer_id)
    excerpt = await record_current_prices(cart, work, catalogue, wanted=wanted)
    if cart.customer_id is None:
        cart.set_customer(command.customer_id)
        work.claim_key(CUSTOMER_CART, listed_under(command.customer_id, cart.id), cart.id)
    return priced_after_write(cart, excerpt, work, CUSTOMER)
