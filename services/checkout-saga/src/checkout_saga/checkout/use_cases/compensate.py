"""Compensate a checkout: every step that may have had an effect, latest first; then fail it."""

from __future__ import annotations

from typing import Any

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.steps import STEPS, CallGateway, RunLocally, SendCommand
from checkout_saga.checkout.domain.workflow import CAPTURE
from checkout_saga.checkout.use_cases.create_order import compensate_order
from checkout_saga.checkout.use_cases.finish import stop_tracking
from checkout_saga.checkout.use_cases.index_keys import CART_SALE
from checkout_saga.payments.domain.operation import Operation
from kernel.unit_of_work import UnitOfWork


async def compensate(
    checkout: Checkout, work: UnitOfWork, code: str, detail: str, data: dict[str, Any] | None = None
) -> None:
    """Start all compensations at once: one that fails must not delay the others."""
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
    """Start no capture after the deadline, which lies before the ends of the cart's lock and of the
    reservation. The timer alone is not enough: after an outage a reply may be handled before it."""
    expired = checkout.is_expired(work.now)
    if expired:
        await compensate(
            checkout, work, "CHECKOUT_SESSION_EXPIRED", "The checkout was not completed in time."
        )
    return expired


def end_if_compensated(checkout: Checkout, work: UnitOfWork) -> None:
    if checkout.fail_if_all_compensated():
        stop_tracking(checkout, work)
        if CAPTURE in checkout.steps:
            work.release_key(CART_SALE, str(checkout.cart_id))
