"""Take a checkout back: undo whatever may have happened, latest first, and end it when all is undone."""

from __future__ import annotations

from typing import Any

from checkout_saga.application.complete import close
from checkout_saga.application.create_order import cancel_order
from checkout_saga.application.names import SALE
from checkout_saga.domain.checkout import Checkout
from checkout_saga.domain.definition import CAPTURE
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
            case Call(operation, _):
                checkout.undo_step(step)
                work.set_timer(operation, checkout.id, work.now)
            case Here():
                await cancel_order(checkout, work)
                checkout.step_undone(step)
            case None:
                pass
    end_if_undone(checkout, work)


async def take_back_if_late(checkout: Checkout, work: Work) -> bool:
    """No capture is begun after the deadline, which lies before the ends of the cart's lock and of the
    reservation. The timer alone would not do: an answer may come before it once all has been down."""
    late = checkout.out_of_time(work.now)
    if late:
        await take_back(checkout, work, "CHECKOUT_SESSION_EXPIRED", "the time for this checkout is over")
    return late


def end_if_undone(checkout: Checkout, work: Work) -> None:
    if checkout.fail_if_all_undone():
        close(checkout, work)
        if CAPTURE in checkout.steps:
            work.release_claim(SALE, str(checkout.cart_id))
