"""The customer has done at the gateway what it asked for."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.application.find_checkout import find_checkout
from checkout_saga.domain.checkout import Checkout
from checkout_saga.domain.steps import Operation
from checkout_saga.domain.workflow import AUTHORIZE
from kernel.unit_of_work import UnitOfWork


async def confirm_action(checkout_id: UUID, work: UnitOfWork) -> Checkout:
    """The gateway decides whether it was done: what the storefront says is only a reason to ask."""
    checkout = await find_checkout(checkout_id, work)
    checkout.check_action_required()
    checkout.start_step(AUTHORIZE)
    work.set_timer(Operation.CONFIRM, checkout.id, work.now)
    return checkout
