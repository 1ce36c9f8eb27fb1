"""The steps of a checkout, each with its action and its compensation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from checkout_saga.checkout.domain import workflow
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.payments.domain.operation import Operation
from contracts import cart, offer
from contracts.envelope import Command
from contracts.sale import Sale


class SendCommand(NamedTuple):
    """Send a command to another service. Its reply is a fact on that service's topic."""

    command: Command
    key: UUID


class CallGateway(NamedTuple):
    """Call the payment gateway after the commit."""

    operation: Operation
    notify: SendCommand | None = None
    """A command sent together with the call; the call does not wait for its reply."""


class RunLocally(NamedTuple):
    """Done by this service, in the same unit of work."""


Action = SendCommand | CallGateway | RunLocally | None
"""None: nothing has to be done."""


class Step(NamedTuple):
    action: Callable[[Checkout], Action]
    compensation: Callable[[Checkout], Action]


def sale_of(checkout: Checkout) -> Sale:
    if checkout.sale is None:
        raise RuntimeError("the sale is known only after the cart has been locked")
    return checkout.sale


def stock_demand(sale: Sale) -> tuple[offer.Wanted, ...]:
    """Units by product, sorted by id: a fixed order of reservation, so that two checkouts cannot deadlock."""
    units: Counter[UUID] = Counter()
    for line in sale.lines:
        units[line.product_id] += line.quantity
    return tuple(offer.Wanted(product_id=it, quantity=units[it]) for it in sorted(units))


def promotion_ids(sale: Sale) -> tuple[UUID, ...]:
    return tuple(sorted({it.promotion_id for it in sale.discounts}))


def no_action(_: Checkout) -> Action:
    return None


def run_locally(_: Checkout) -> Action:
    return RunLocally()


def lock_cart(checkout: Checkout) -> Action:
    command = cart.Lock(
        checkout_id=checkout.id,
        step=workflow.LOCK_CART,
        cart_id=checkout.cart_id,
        customer_id=checkout.customer_id,
        guest=checkout.guest,
        destination=checkout.destination,
        expected_total=checkout.expected_total,
    )
    return SendCommand(command, checkout.cart_id)


def unlock_cart(checkout: Checkout) -> Action:
    reason = checkout.failure.code if checkout.failure else "given up"
    command = cart.Unlock(
        checkout_id=checkout.id, step=workflow.LOCK_CART, cart_id=checkout.cart_id, reason=reason
    )
    return SendCommand(command, checkout.cart_id)


def reserve_stock(checkout: Checkout) -> Action:
    command = offer.ReserveStock(
        checkout_id=checkout.id, step=workflow.RESERVE_STOCK, wanted=stock_demand(sale_of(checkout))
    )
    return SendCommand(command, checkout.id)


def release_stock(checkout: Checkout) -> Action:
    return SendCommand(offer.ReleaseStock(checkout_id=checkout.id, step=workflow.RESERVE_STOCK), checkout.id)


def reserve_promotions(checkout: Checkout) -> Action:
    used = promotion_ids(sale_of(checkout))
    if not used:
        return None
    command = offer.ReservePromotions(
        checkout_id=checkout.id,
        step=workflow.RESERVE_PROMOTIONS,
        promotion_ids=used,
        customer_id=checkout.customer_id,
    )
    return SendCommand(command, checkout.id)


def release_promotions(checkout: Checkout) -> Action:
    if not promotion_ids(sale_of(checkout)):
        return None
    return SendCommand(
        offer.ReleasePromotions(checkout_id=checkout.id, step=workflow.RESERVE_PROMOTIONS), checkout.id
    )


def confirm_price(checkout: Checkout) -> Action:
    command = offer.ConfirmPrice(
        checkout_id=checkout.id,
        step=workflow.CONFIRM_PRICE,
        customer_id=checkout.customer_id,
        sale=sale_of(checkout),
    )
    return SendCommand(command, checkout.id)


def authorize(checkout: Checkout) -> Action:
    return CallGateway(Operation.AUTHORIZE) if sale_of(checkout).totals.total else None


def void(checkout: Checkout) -> Action:
    """Void before the capture, refund after it; never both."""
    return CallGateway(Operation.VOID) if sale_of(checkout).totals.total and not checkout.captured else None


def capture(checkout: Checkout) -> Action:
    """Capture, and hold the cart: its lock no longer expires, so that the cart cannot be bought a second time
    while the outcome of the capture is unknown."""
    if not sale_of(checkout).totals.total:
        return None
    hold = cart.Hold(checkout_id=checkout.id, step=workflow.CAPTURE, cart_id=checkout.cart_id)
    return CallGateway(Operation.CAPTURE, notify=SendCommand(hold, checkout.cart_id))


def refund(checkout: Checkout) -> Action:
    return CallGateway(Operation.REFUND) if sale_of(checkout).totals.total and checkout.captured else None


def confirm_stock(checkout: Checkout) -> Action:
    command = offer.ConfirmStock(
        checkout_id=checkout.id, step=workflow.CONFIRM_STOCK, wanted=stock_demand(sale_of(checkout))
    )
    return SendCommand(command, checkout.id)


def awaits_reply(checkout: Checkout) -> bool:
    """Whether a step or a compensation waits for another service's reply."""
    return any(
        isinstance(STEPS[name].action(checkout), SendCommand)
        if checkout.awaits(name)
        else isinstance(STEPS[name].compensation(checkout), SendCommand)
        for name in checkout.steps
        if checkout.awaits(name) or checkout.is_compensating(name)
    )


STEPS: Mapping[str, Step] = MappingProxyType(
    {
        workflow.LOCK_CART: Step(lock_cart, compensation=unlock_cart),
        workflow.RESERVE_STOCK: Step(reserve_stock, compensation=release_stock),
        workflow.RESERVE_PROMOTIONS: Step(reserve_promotions, compensation=release_promotions),
        workflow.CONFIRM_PRICE: Step(confirm_price, compensation=no_action),
        workflow.RESOLVE_CUSTOMER: Step(run_locally, compensation=no_action),
        workflow.AUTHORIZE: Step(authorize, compensation=void),
        workflow.CREATE_ORDER: Step(run_locally, compensation=run_locally),
        workflow.CAPTURE: Step(capture, compensation=refund),
        workflow.CONFIRM_STOCK: Step(confirm_stock, compensation=no_action),
        workflow.FULFILL: Step(run_locally, compensation=no_action),
        workflow.COMPLETE: Step(run_locally, compensation=no_action),
    }
)
