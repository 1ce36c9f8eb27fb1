"""An operator has a checkout compensated."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.checkout.domain import operator_actions
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases.compensate import compensate
from checkout_saga.checkout.use_cases.find_checkout import find_checkout
from kernel.unit_of_work import UnitOfWork


async def compensate_saga(
    checkout_id: UUID, work: UnitOfWork, reason: str, *, refund: bool = False
) -> Checkout:
    """After the capture only with ``refund``, and only until the order is fulfilled."""
    checkout = await find_checkout(checkout_id, work)
    operator_actions.give_up(checkout, work.context.actor, reason, refund=refund)
    await compensate(checkout, work, "CHECKOUT_CANCELLED", "An operator cancelled the checkout.")
    return checkout
