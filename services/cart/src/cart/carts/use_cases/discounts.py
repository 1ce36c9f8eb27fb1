"""Put discount codes on a cart, and remove them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.domain.codes import REASON_CODES, invalid_code
from cart.carts.domain.totals import require_usable
from cart.carts.use_cases.cart_access import (
    PricedCart,
    open_active_cart,
    open_repriced_cart,
    priced_after_write,
    record_current_prices,
    wanted_by,
)
from cart.catalogue.domain.excerpt import Catalogue, CatalogueExcerpt
from kernel.unit_of_work import UnitOfWork
from pricing.codes import canonical
from pricing.promotions import Reason


@dataclass(frozen=True, slots=True)
class ApplyDiscount:
    cart_id: UUID
    code: str


async def apply_discount(command: ApplyDiscount, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    """Apply a code, if it has an effect on the cart. Raises DiscountAlreadyApplied, InvalidDiscountCode,
    MaxDiscountCodesExceeded."""
    cart = await open_active_cart(command.cart_id, work)
    key = canonical(command.code)
    cart.must_take_code(key)
    excerpt = await record_current_prices(
        cart,
        work,
        catalogue,
        wanted=replace(wanted_by(cart), codes=() if key is None else (key,)),
        until=lambda seen: key is None or seen.with_code(key) is not None,
    )
    put_code(cart, command.code, excerpt, work)
    return priced_after_write(cart, excerpt, work)


def put_code(cart: Cart, code: str, excerpt: CatalogueExcerpt, work: UnitOfWork) -> None:
    """Record the code, if it has an effect on the cart.

    Raises DiscountAlreadyApplied, InvalidDiscountCode.
    """
    key = canonical(code)
    cart.must_take_code(key)
    promotion = require_usable(excerpt.with_code(key), cart, excerpt, work.now)
    if promotion.used_up or promotion.is_used_up_by(excerpt.customer(cart.customer_id)):
        raise invalid_code(REASON_CODES[Reason.LIMIT_REACHED])
    cart.apply_discount(promotion.promotion_id, promotion.rule.code or code)


@dataclass(frozen=True, slots=True)
class RemoveDiscount:
    cart_id: UUID
    code: str


async def remove_discount(command: RemoveDiscount, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    cart, excerpt = await open_repriced_cart(command.cart_id, work, catalogue)
    cart.remove_discount(command.code)
    return priced_after_write(cart, excerpt, work)
