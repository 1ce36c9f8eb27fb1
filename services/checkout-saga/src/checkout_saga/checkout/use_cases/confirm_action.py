"""Confirm an authorization after the customer's action at the gateway, such as 3-D Secure."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.workflow import AUTHORIZE
from checkout_saga.checkout.use_cases.find_checkout import find_checkout
from checkout_saga.payments.domain.operation import Operation
from kernel.unit_of_work import UnitOfWork


async def confirm_action(checkout_id: UUID, work: UnitOfWork) -> Checkout:
    """The gateway is asked for the outcome: the storefront's call proves nothing."""
    checkout = await find_checkout(checkout_id, work)
    checkout.check_action_required()
    checkout.start_step(AUTHORIZE)
    work.set_timer(Operation.CONFIRM, checkout.id, work.now)
    return checkout
