"""Say where a cart's goods go, so that its prices and taxes are those of that place."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cart.application.cart_at_hand import Shown, cart_to_change, repriced, shown
from cart.application.ports import Catalogue
from cart.domain.cart_state import DESTINATION
from cart.domain.totals import prices_today
from contracts.sale import Destination
from kernel.work import Work


@dataclass(frozen=True, slots=True)
class SetDestination:
    cart_id: UUID
    destination: Destination


async def set_destination(command: SetDestination, work: Work, catalogue: Catalogue) -> Shown:
    cart = await cart_to_change(command.cart_id, work)
    excerpt = await repriced(cart, work, catalogue)
    cart.set_destination(command.destination)
    cart.reprice(cart.price_changes(prices_today(cart, excerpt)), DESTINATION)
    return shown(cart, excerpt, work)
