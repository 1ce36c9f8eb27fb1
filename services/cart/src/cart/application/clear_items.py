"""Take everything out of a cart; its codes stay."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cart.application.cart_at_hand import Shown, cart_to_change, repriced, shown
from cart.application.ports import Catalogue
from kernel.work import Work


@dataclass(frozen=True, slots=True)
class ClearItems:
    cart_id: UUID


async def clear_items(command: ClearItems, work: Work, catalogue: Catalogue) -> Shown:
    cart = await cart_to_change(command.cart_id, work)
    excerpt = await repriced(cart, work, catalogue)
    cart.clear()
    return shown(cart, excerpt, work)
