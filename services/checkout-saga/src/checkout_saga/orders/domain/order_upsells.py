"""What an order offers after its purchase: decided once, and what of it was bought."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from checkout_saga.orders.domain.errors import UpsellNotFound
from checkout_saga.orders.domain.order_state import OrderState
from contracts import order as facts
from contracts.upsell import Proposal


def propose_upsells(order: OrderState, upsells: Sequence[Proposal], expires_at: datetime) -> None:
    """Once: a repeated proposal changes nothing."""
    if upsells and not order.upsells:
        order.record(facts.UpsellsProposed(upsells=tuple(upsells), expires_at=expires_at))


def upsell_of(order: OrderState, upsell_id: UUID) -> Proposal:
    """Raises ``UpsellNotFound``."""
    found = next((it for it in order.upsells if it.upsell_id == upsell_id), None)
    if found is None:
        raise UpsellNotFound("There is no such upsell of the order.")
    return found


def upsell_of_number(order: OrderState, number: int) -> Proposal:
    """Counts from 1. Raises ``UpsellNotFound``."""
    if not 1 <= number <= len(order.upsells):
        raise UpsellNotFound("There is no such upsell of the order.")
    return order.upsells[number - 1]


def note_upsell_bought(order: OrderState, upsell_id: UUID, order_id: UUID) -> None:
    if upsell_id not in order.upsells_bought:
        order.record(facts.UpsellBought(upsell_id=upsell_id, order_id=order_id))
