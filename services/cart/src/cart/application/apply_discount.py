"""Put a discount code on a cart, if it is worth something there."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cart.application.cart_at_hand import Shown, cart_to_change, repriced, shown
from cart.application.ports import Catalogue
from cart.domain.errors import InvalidDiscountCode
from cart.domain.totals import LIMIT_REACHED, OBSTACLES, usable
from kernel.work import Work
from pricing.codes import canonical


@dataclass(frozen=True, slots=True)
class ApplyDiscount:
    cart_id: UUID
    code: str


async def apply_discount(command: ApplyDiscount, work: Work, catalogue: Catalogue) -> Shown:
    cart = await cart_to_change(command.cart_id, work)
    key = canonical(command.code)
    cart.must_not_have_code(key)
    excerpt = await repriced(
        cart, work, catalogue, code=key, until=lambda it: key is None or it.with_code(key) is not None
    )
    promotion = usable(excerpt.with_code(key), cart, excerpt, work.now)
    if promotion.used_up:
        raise InvalidDiscountCode(OBSTACLES[LIMIT_REACHED], reason=LIMIT_REACHED)
    cart.apply_discount(promotion.promotion_id, promotion.rule.code or command.code)
    return shown(cart, excerpt, work)
