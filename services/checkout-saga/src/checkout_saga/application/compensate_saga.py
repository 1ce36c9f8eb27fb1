"""An operator gives a checkout up: all of it is taken back."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.application.back import take_back
from checkout_saga.application.find_checkout import find_checkout
from checkout_saga.domain import intervention
from checkout_saga.domain.checkout import Checkout
from kernel.work import Work


async def compensate_saga(checkout_id: UUID, work: Work, reason: str, *, refund: bool = False) -> Checkout:
    """Behind the capture only with a refund, and only as long as the order is not fulfilled."""
    checkout = await find_checkout(checkout_id, work)
    intervention.give_up(checkout, work.context.actor, reason, refund=refund)
    await take_back(checkout, work, "CHECKOUT_CANCELLED", "given up by an operator")
    return checkout
