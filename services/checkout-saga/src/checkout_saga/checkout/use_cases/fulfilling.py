"""The timers of fulfilment: a line's next try, and the end of the wait for first results."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.first_results import FULFILLMENT_LIMIT
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.orders.domain.order import order_id_of
from checkout_saga.orders.use_cases.fulfilling import retry_line, settle
from kernel.unit_of_work import UnitOfWork


async def on_next_try(order_id: UUID, line_id: str, work: UnitOfWork, *, is_unknown: bool) -> None:
    order = await retry_line(order_id, line_id, work, is_unknown=is_unknown)
    if not order.results:
        await _end_wait(order.checkout_id, work, at_the_latest=False)


async def on_limit(checkout_id: UUID, work: UnitOfWork) -> None:
    await _end_wait(checkout_id, work, at_the_latest=True)


async def _end_wait(checkout_id: UUID, work: UnitOfWork, *, at_the_latest: bool) -> None:
    """Complete the step if it still waits: the checkout may have been compensated meanwhile."""
    checkout = await work.open(Checkout, checkout_id)
    if not checkout.awaits(step_names.FULFILL):
        return
    order = await settle(order_id_of(checkout_id), work, at_the_latest=at_the_latest)
    if order.results:
        work.cancel_timer(FULFILLMENT_LIMIT, checkout_id)
        await CHECKOUTS.complete(checkout, step_names.FULFILL, {"results": order.result_by_line}, work)
