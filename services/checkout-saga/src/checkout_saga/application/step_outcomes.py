"""Another service has answered: the step it was asked for is done, refused or undone."""

from __future__ import annotations

from typing import Any

from checkout_saga.application.advance import advance
from checkout_saga.application.compensate import compensate, end_if_compensated
from checkout_saga.domain.checkout import Checkout
from kernel.unit_of_work import UnitOfWork


async def on_step_done(checkout: Checkout, step: str, data: dict[str, Any], work: UnitOfWork) -> None:
    """An answer that comes twice, or after the checkout has given up, changes nothing: in the latter case
    the undoing has been asked for already, behind the request, under the same key."""
    if checkout.awaits(step):
        checkout.complete_step(step, data)
        await advance(checkout, work)


async def on_step_refused(checkout: Checkout, step: str, data: dict[str, Any], work: UnitOfWork) -> None:
    if checkout.awaits(step):
        code, detail = data.pop("code"), data.pop("detail")
        checkout.fail_step(step, code, detail, data)
        await compensate(checkout, work, code, detail, data)


async def on_step_undone(checkout: Checkout, step: str, data: dict[str, Any], work: UnitOfWork) -> None:  # noqa: ARG001  # all reactions are called alike
    if checkout.is_compensating(step):
        checkout.step_undone(step)
        end_if_compensated(checkout, work)
