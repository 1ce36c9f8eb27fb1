"""Put a discount code on a cart, if it is worth something there."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cart.application.cart_access import PricedCart, open_active_cart, shown, with_current_prices
from cart.application.ports import Catalogue
from cart.domain.errors import InvalidDiscountCode
from cart.domain.totals import LIMIT_REACHED, OBSTACLES, require_usable
from kernel.unit_of_work import UnitOfWork
from pricing.codes import canonical


@dataclass(frozen=True, slots=True)
class ApplyDiscount:
    cart_id: UUID
    code: str


async def apply_discount(command: ApplyDiscount, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    cart = await open_active_cart(command.cart_id, work)
    key = canonical(command.code)
    cart.must_not_have_code(key)
    excerpt = await with_current_prices(
        cart, work, catalogue, code=key, until=lambda it: key is None or it.with_code(key) is not None
    )
    promotion = require_usable(excerpt.with_code(key), cart, excerpt, work.now)
    if promotion.used_up:
        raise InvalidDiscountCode(OBSTACLES[LIMIT_REACHED], reason=LIMIT_REACHED)
    cart.apply_discount(promotion.promotion_id, promotion.rule.code or command.code)
    return shown(cart, excerpt, work)
