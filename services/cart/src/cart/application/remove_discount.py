"""Take a discount code off a cart."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cart.application.cart_at_hand import Shown, cart_to_change, repriced, shown
from cart.application.ports import Catalogue
from kernel.work import Work


@dataclass(frozen=True, slots=True)
class RemoveDiscount:
    cart_id: UUID
    code: str


async def remove_discount(command: RemoveDiscount, work: Work, catalogue: Catalogue) -> Shown:
    cart = await cart_to_change(command.cart_id, work)
    excerpt = await repriced(cart, work, catalogue)
    cart.remove_discount(command.code)
    return shown(cart, excerpt, work)
