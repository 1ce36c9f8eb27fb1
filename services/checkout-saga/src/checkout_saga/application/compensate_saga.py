"""An operator gives a checkout up: all of it is taken back."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.application.compensate import compensate
from checkout_saga.application.find_checkout import find_checkout
from checkout_saga.domain import operator_actions
from checkout_saga.domain.checkout import Checkout
from kernel.unit_of_work import UnitOfWork


async def compensate_saga(
    checkout_id: UUID, work: UnitOfWork, reason: str, *, refund: bool = False
) -> Checkout:
    """Behind the capture only with a refund, and only as long as the order is not fulfilled."""
    checkout = await find_checkout(checkout_id, work)
    operator_actions.give_up(checkout, work.context.actor, reason, refund=refund)
    await compensate(checkout, work, "CHECKOUT_CANCELLED", "given up by an operator")
    return checkout
