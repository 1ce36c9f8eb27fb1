"""Take a checkout back: undo whatever may have happened, latest first, and end it when all is undone."""

from __future__ import annotations

from typing import Any

from checkout_saga.application.complete import close
from checkout_saga.application.create_order import cancel_order
from checkout_saga.domain.checkout import Checkout
from checkout_saga.domain.steps import STEPS, Call, Here, Operation, Send
from kernel.work import Work


async def take_back(
    checkout: Checkout, work: Work, code: str, detail: str, data: dict[str, Any] | None = None
) -> None:
    """All of it is asked for at once: an undoing that fails must not hold up the others."""
    for forward in (Operation.AUTHORIZE, Operation.CONFIRM, Operation.CAPTURE):
        work.cancel_timer(forward, checkout.id)
    for step in checkout.start_compensation(code, detail, data):
        match STEPS[step].undo(checkout):
            case Send(command, key):
                checkout.undo_step(step)
                work.send(command, key)
            case Call(operation):
                checkout.undo_step(step)
                work.set_timer(operation, checkout.id, work.now)
            case Here():
                await cancel_order(checkout, work)
                checkout.step_undone(step)
            case None:
                pass
    end_if_undone(checkout, work)


def end_if_undone(checkout: Checkout, work: Work) -> None:
    if checkout.fail_if_all_undone():
        close(checkout, work)
