"""The end of a checkout that went well."""

from __future__ import annotations

from checkout_saga.application.create_order import order_id_of
from checkout_saga.application.index_keys import OPEN_CHECKOUT, open_checkout_key
from checkout_saga.domain import workflow
from checkout_saga.domain.checkout import Checkout
from checkout_saga.domain.steps import sale_of
from contracts import cart
from kernel.unit_of_work import UnitOfWork

DEADLINE = "checkout_deadline"


async def convert_cart(checkout: Checkout, work: UnitOfWork) -> dict[str, object]:
    """The cart's answer changes nothing any more, so nobody waits for it."""
    order_id = order_id_of(checkout.id)
    convert = cart.Convert(
        checkout_id=checkout.id, step=workflow.COMPLETE, cart_id=checkout.cart_id, order_id=order_id
    )
    work.send(convert, checkout.cart_id)
    return {"order_id": str(order_id)}


def stop_tracking(checkout: Checkout, work: UnitOfWork) -> None:
    """Nothing waits for this checkout any more."""
    work.cancel_timer(DEADLINE, checkout.id)
    work.release_key(OPEN_CHECKOUT, open_checkout_key(checkout))


def finish_checkout(checkout: Checkout, work: UnitOfWork) -> None:
    totals = sale_of(checkout).totals
    checkout.finish(order_id_of(checkout.id), sale_of(checkout).currency, totals.total)
    stop_tracking(checkout, work)
