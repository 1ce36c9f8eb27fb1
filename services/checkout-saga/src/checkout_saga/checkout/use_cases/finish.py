"""Complete a checkout."""

from __future__ import annotations

from checkout_saga.checkout.domain import workflow
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.steps import sale_of
from checkout_saga.checkout.use_cases.index_keys import OPEN_CHECKOUT, open_checkout_key
from checkout_saga.orders.domain.order import order_id_of
from contracts import cart
from kernel.unit_of_work import UnitOfWork

DEADLINE = "checkout_deadline"
"""The kind of the timer at which an unfinished checkout is compensated."""


async def convert_cart(checkout: Checkout, work: UnitOfWork) -> dict[str, object]:
    """Convert the cart. Its reply is not awaited, for it cannot change the outcome."""
    order_id = order_id_of(checkout.id)
    convert = cart.Convert(
        checkout_id=checkout.id, step=workflow.COMPLETE, cart_id=checkout.cart_id, order_id=order_id
    )
    work.send(convert, checkout.cart_id)
    return {"order_id": str(order_id)}


def stop_tracking(checkout: Checkout, work: UnitOfWork) -> None:
    """Remove an ended checkout's deadline and its key in the index of open checkouts."""
    work.cancel_timer(DEADLINE, checkout.id)
    work.release_key(OPEN_CHECKOUT, open_checkout_key(checkout))


def finish_checkout(checkout: Checkout, work: UnitOfWork) -> None:
    totals = sale_of(checkout).totals
    checkout.finish(order_id_of(checkout.id), sale_of(checkout).currency, totals.total)
    stop_tracking(checkout, work)
