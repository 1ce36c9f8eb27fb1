"""Another service has answered: the step it was asked for is done, refused or undone."""

from __future__ import annotations

from typing import Any

from checkout_saga.application.back import end_if_undone, take_back
from checkout_saga.application.onward import go_on
from checkout_saga.domain.checkout import Checkout
from kernel.work import Work


async def on_step_done(checkout: Checkout, step: str, data: dict[str, Any], work: Work) -> None:
    """An answer that comes twice, or after the checkout has given up, changes nothing: in the latter case
    the undoing has been asked for already, behind the request, under the same key."""
    if checkout.awaits(step):
        checkout.complete_step(step, data)
        await go_on(checkout, work)


async def on_step_refused(checkout: Checkout, step: str, data: dict[str, Any], work: Work) -> None:
    if checkout.awaits(step):
        code, detail = data.pop("code"), data.pop("detail")
        checkout.fail_step(step, code, detail, data)
        await take_back(checkout, work, code, detail, data)


async def on_step_undone(checkout: Checkout, step: str, data: dict[str, Any], work: Work) -> None:  # noqa: ARG001  # all reactions are called alike
    if checkout.undoes(step):
        checkout.step_undone(step)
        end_if_undone(checkout, work)
