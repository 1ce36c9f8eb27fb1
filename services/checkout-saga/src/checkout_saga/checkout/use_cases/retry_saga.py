"""An operator has the commands and calls under way repeated at once."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.checkout.domain import operator_actions
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.steps import STEPS, CallGateway, SendCommand
from checkout_saga.checkout.domain.workflow import AUTHORIZE
from checkout_saga.checkout.use_cases.find_checkout import find_checkout
from checkout_saga.payments.domain.operation import Operation
from kernel.unit_of_work import UnitOfWork


async def retry_saga(checkout_id: UUID, work: UnitOfWork, reason: str) -> Checkout:
    """Services answer a repeated command as before; of a repeated call the key is looked up first."""
    checkout = await find_checkout(checkout_id, work)
    for step in operator_actions.retry(checkout, work.context.actor, reason):
        compensating = checkout.is_compensating(step)
        match STEPS[step].compensation(checkout) if compensating else STEPS[step].action(checkout):
            case SendCommand(command, key):
                work.send(command, key)
            case CallGateway(operation, notification):
                confirms = step == AUTHORIZE and not compensating and checkout.attempt(step) > 1
                again = Operation.CONFIRM if confirms else operation
                work.set_timer(again, checkout.id, work.now, {"tries": 1})
                if notification:
                    work.send(*notification)
            case _:
                pass
    return checkout
