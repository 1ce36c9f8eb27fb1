"""Take a checkout back: undo whatever may have happened, latest first, and end it when all is undone."""

from __future__ import annotations

from typing import Any

from checkout_saga.application.create_order import compensate_order
from checkout_saga.application.finish import stop_tracking
from checkout_saga.application.index_keys import CART_SALE
from checkout_saga.domain.checkout import Checkout
from checkout_saga.domain.steps import STEPS, CallGateway, Operation, RunLocally, SendCommand
from checkout_saga.domain.workflow import CAPTURE
from kernel.unit_of_work import UnitOfWork


async def compensate(
    checkout: Checkout, work: UnitOfWork, code: str, detail: str, data: dict[str, Any] | None = None
) -> None:
    """All of it is asked for at once: an undoing that fails must not hold up the others."""
    for forward in (Operation.AUTHORIZE, Operation.CONFIRM, Operation.CAPTURE):
        work.cancel_timer(forward, checkout.id)
    for step in checkout.start_compensation(code, detail, data):
        match STEPS[step].compensation(checkout):
            case SendCommand(command, key):
                checkout.start_step_compensation(step)
                work.send(command, key)
            case CallGateway(operation, _):
                checkout.start_step_compensation(step)
                work.set_timer(operation, checkout.id, work.now)
            case RunLocally():
                await compensate_order(checkout, work)
                checkout.complete_step_compensation(step)
            case None:
                pass
    end_if_compensated(checkout, work)


async def compensate_if_expired(checkout: Checkout, work: UnitOfWork) -> bool:
    """No capture is begun after the deadline, which lies before the ends of the cart's lock and of the
    reservation. The timer alone would not do: an answer may come before it once all has been down."""
    late = checkout.is_expired(work.now)
    if late:
        await compensate(checkout, work, "CHECKOUT_SESSION_EXPIRED", "the time for this checkout is over")
    return late


def end_if_compensated(checkout: Checkout, work: UnitOfWork) -> None:
    if checkout.fail_if_all_compensated():
        stop_tracking(checkout, work)
        if CAPTURE in checkout.steps:
            work.release_key(CART_SALE, str(checkout.cart_id))
