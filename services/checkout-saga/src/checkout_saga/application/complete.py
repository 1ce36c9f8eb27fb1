"""The end of a checkout that went well."""

from __future__ import annotations

from datetime import datetime

from checkout_saga.application.create_order import order_of
from checkout_saga.domain import definition as steps
from checkout_saga.domain.checkout import Checkout
from checkout_saga.domain.steps import sale_of
from contracts import cart
from kernel.work import Work

DEADLINE = "checkout_deadline"
OPEN = "open_checkout"
"""The name that a checkout bears from its start to its end: its start time and its id."""


def moment_name(moment: datetime) -> str:
    """A time as the beginning of a name: the earlier one sorts first."""
    return f"{moment.timestamp():017.6f}"


def open_name(checkout: Checkout) -> str:
    return f"{moment_name(checkout.started_at)}/{checkout.id}"


async def complete(checkout: Checkout, work: Work) -> dict[str, object]:
    """The cart's answer changes nothing any more, so nobody waits for it."""
    order_id = order_of(checkout.id)
    convert = cart.Convert(
        checkout_id=checkout.id, step=steps.COMPLETE, cart_id=checkout.cart_id, order_id=order_id
    )
    work.send(convert, checkout.cart_id)
    return {"order_id": str(order_id)}


def close(checkout: Checkout, work: Work) -> None:
    """Nothing waits for this checkout any more."""
    work.cancel_timer(DEADLINE, checkout.id)
    work.release_claim(OPEN, open_name(checkout))


def finish(checkout: Checkout, work: Work) -> None:
    totals = sale_of(checkout).totals
    checkout.finish(order_of(checkout.id), sale_of(checkout).currency, totals.total)
    close(checkout, work)
