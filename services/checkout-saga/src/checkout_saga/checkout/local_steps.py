"""The steps that this service does itself, in the unit of work that reaches them. Each returns its data."""

from __future__ import annotations

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.actions import uses_promotions
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.index_keys import CART_SALE
from checkout_saga.customers import use_cases as customers
from checkout_saga.orders.domain.order import order_id_of
from checkout_saga.orders.use_cases import lifecycle
from contracts import cart, offer
from kernel.process.state import Reason
from kernel.process.workflow import Data
from kernel.unit_of_work import UnitOfWork


async def check_gifts(checkout: Checkout, work: UnitOfWork) -> Reason | None:  # noqa: ARG001  # a guard
    """Recipients come with the request, but the number of gift seats only with the locked cart."""
    if checkout.gifts is None:
        return None
    seats = {it.line_id: it.gift_seats for it in checkout.agreed_sale.lines}
    for line_id, recipients in checkout.gifts.recipients.items():
        if recipients > seats.get(line_id, 0):
            detail = "The line has fewer gift seats than recipients."
            return Reason(
                "INVALID_REQUEST", detail, {"line_id": line_id, "gift_seats": seats.get(line_id, 0)}
            )
    return None


async def resolve_customer(checkout: Checkout, work: UnitOfWork) -> Data:
    """Find the customer, or create one."""
    created = await customers.resolve_customer(
        checkout.customer_id, checkout.personal, work, guest=checkout.guest
    )
    return {"customer_id": checkout.customer_id, "created": created}


async def create_order(checkout: Checkout, work: UnitOfWork) -> Data:
    order = await lifecycle.create_order(
        checkout.id, checkout.cart_id, checkout.customer_id, checkout.gateway, checkout.agreed_sale, work
    )
    return {"order_id": str(order.id), "number": order.number}


async def cancel_order(checkout: Checkout, work: UnitOfWork) -> Data:
    """Undoes ``create_order``."""
    await lifecycle.compensate_order(order_id_of(checkout.id), checkout.failure_code, work)
    return {}


async def claim_sale(checkout: Checkout, work: UnitOfWork) -> Reason | None:
    """Claim the sale of the cart before the capture: a cart is sold once, by the checkout that first does so.

    While messages are delayed, a cart's lock may expire although its checkout has captured already, because
    ``cart.hold`` has not arrived. A second checkout of the cart is refused here; if the first one has
    captured, the cart is converted with the first one's order.
    """
    first = await work.try_claim_key(CART_SALE, str(checkout.cart_id), checkout.id)
    if first is None:
        return None
    other = await work.open(Checkout, first)
    if not other.captured or other.failure:  # a compensated checkout leaves no order
        detail = "A payment for this cart is in progress in another checkout."
        return Reason("CHECKOUT_IN_PROGRESS", detail)
    _convert_cart(checkout, other, work)
    return Reason("CART_NOT_ACTIVE", "Another checkout has bought this cart.")


async def fulfill_order(checkout: Checkout, work: UnitOfWork) -> Data:
    """Fulfil the order and redeem its promotions."""
    redeem_promotions(checkout, work)
    order = await lifecycle.fulfill_order(order_id_of(checkout.id), work)
    return {"results": {it.line_id: it.result for it in order.results}}


async def convert_cart(checkout: Checkout, work: UnitOfWork) -> Data:
    """Convert the cart. Its reply is not awaited, for it cannot change the outcome."""
    _convert_cart(checkout, checkout, work)
    return {"order_id": str(order_id_of(checkout.id))}


# failpoint: none needed (intent)
def redeem_promotions(checkout: Checkout, work: UnitOfWork) -> None:
    """The redemption cannot be refused, so its reply is not awaited."""
    if uses_promotions(checkout.agreed_sale):
        redeem = offer.RedeemPromotions(checkout_id=checkout.id, step=step_names.RESERVE_PROMOTIONS)
        work.send(redeem, checkout.id)


# failpoint: none needed (intent)
def _convert_cart(checkout: Checkout, buyer: Checkout, work: UnitOfWork) -> None:
    """Ask the cart to become the order of ``buyer``."""
    convert = cart.Convert(
        checkout_id=checkout.id,
        step=step_names.COMPLETE,
        cart_id=checkout.cart_id,
        order_id=order_id_of(buyer.id),
    )
    work.send(convert, checkout.cart_id)
