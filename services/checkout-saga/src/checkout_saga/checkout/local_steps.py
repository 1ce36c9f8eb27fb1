"""The steps that this service does itself, in the unit of work that reaches them. Each returns its data.

``opened_by_...`` name the streams that a step opens, so that those of a batch of replies are read at once.
What is missing there is read by itself, with a query for each checkout.
"""

from __future__ import annotations

from datetime import timedelta

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.actions import hold_cart, uses_promotions
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.definitions import ATTEMPTS_SINCE
from checkout_saga.checkout.domain.first_results import FIRST_RESULTS_WITHIN, FULFILLMENT_LIMIT
from checkout_saga.checkout.domain.index_keys import CART_SALE
from checkout_saga.checkout.domain.methods import takes
from checkout_saga.customers import use_cases as customers
from checkout_saga.customers.domain.customer import Customer, customer_stream_id
from checkout_saga.fraud.domain.signals import PAID
from checkout_saga.fraud.use_cases.noting import note_outcome
from checkout_saga.orders.domain.order import Order, order_id_of
from checkout_saga.orders.domain.order_upsells import note_upsell_bought, upsell_of
from checkout_saga.orders.use_cases import fulfilling, lifecycle
from contracts import cart, offer
from kernel.command_routes import PreloadKeys
from kernel.process.state import Reason
from kernel.process.workflow import Data, Streams
from kernel.unit_of_work import UnitOfWork

CAPTURE_MARGIN = timedelta(seconds=60)
"""No capture is begun later than so long before the end of its authorization."""


async def take_proposal(checkout: Checkout, work: UnitOfWork) -> Data:
    """In place of a cart's lock: an upsell after a purchase is sold as it was proposed."""
    origin = checkout.proposal
    order = await work.open(Order, origin.order_id)
    sale = upsell_of(order, origin.upsell_id).sale
    return {"sale": sale.model_dump(mode="json", exclude_none=True)}


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


async def check_sale(checkout: Checkout, work: UnitOfWork) -> Reason | None:
    """What the request lacks for this sale, which is known only with the locked cart."""
    sale, attempt = checkout.agreed_sale, checkout.attempt_now
    if sale.totals.total and not attempt.token and not attempt.is_push:
        return Reason("PAYMENT_DETAILS_REQUIRED", "This payment method needs a token.")
    if not takes(attempt.method, sale):
        detail = f"{attempt.method} does not take this amount in this currency."
        return Reason("CURRENCY_NOT_SUPPORTED", detail)
    return await check_gifts(checkout, work)


def opened_by_customer(checkout: Checkout, tenant: str) -> Streams:
    """The customer; and the order of a sale that costs nothing, for it is created at once."""
    order: PreloadKeys = () if checkout.agreed_sale.totals.total else [(Order, order_id_of(checkout.id))]
    return Streams(_buyer(checkout, tenant), order)


async def resolve_customer(checkout: Checkout, work: UnitOfWork) -> Data:
    """Find the customer, or create one."""
    created = await customers.resolve_customer(
        checkout.customer_id, checkout.personal, work, guest=checkout.guest
    )
    return {"customer_id": checkout.customer_id, "created": created}


async def create_order(checkout: Checkout, work: UnitOfWork) -> Data | None:
    """None while the payment is in review: what ends the review begins it again."""
    if checkout.attempt_now.needs_review:
        return None
    order = await lifecycle.create_order(
        checkout.id,
        checkout.cart_id,
        checkout.customer_id,
        checkout.gateway,
        checkout.agreed_sale,
        work,
        checkout.attempt_now.payment_id,
        checkout.attempt_now.method,
        checkout.origin,
    )
    return {"order_id": str(order.id), "number": order.number}


async def cancel_order(checkout: Checkout, work: UnitOfWork) -> Data:
    """Undoes ``create_order``."""
    was_begun = step_names.FULFILL in checkout.steps
    order_id = order_id_of(checkout.id)
    await lifecycle.compensate_order(order_id, checkout.failure_code, work, was_begun=was_begun)
    return {}


async def claim_sale(checkout: Checkout, work: UnitOfWork) -> Reason | None:
    """Claim the sale of the cart before the capture: a cart is sold once, by the checkout that first does so.

    While messages are delayed, a cart's lock may expire although its checkout has captured already, because
    ``cart.hold`` has not arrived. A second checkout of the cart is refused here; if the first one has
    captured, the cart is converted with the first one's order. An upsell after a purchase sells no cart.
    """
    if checkout.origin:
        return None
    first = await work.try_claim_key(CART_SALE, str(checkout.cart_id), checkout.id)
    if first is None:
        return None
    other = await work.open(Checkout, first)
    if not other.captured or other.failure:  # a compensated checkout leaves no order
        detail = "A payment for this cart is in progress in another checkout."
        return Reason("CHECKOUT_IN_PROGRESS", detail)
    _convert_cart(checkout, other, work)
    return Reason("CART_NOT_ACTIVE", "Another checkout has bought this cart.")


async def check_amount(checkout: Checkout, work: UnitOfWork) -> Reason | None:  # noqa: ARG001  # a guard
    """What is charged is what the catalogue has confirmed, less the lines that a review has removed."""
    if checkout.definition < ATTEMPTS_SINCE:
        return None
    confirmed = checkout.steps[step_names.CONFIRM_PRICE].data.get("totals", {}).get("total")
    if confirmed == checkout.agreed_sale.totals.total + checkout.removed_total:
        return None
    return Reason("PRICE_CHANGED", "The price that was confirmed is not the price of the sale.")


async def check_capture(checkout: Checkout, work: UnitOfWork) -> Reason | None:
    """The authorization does not end just now, the amount is the confirmed one, and the cart is not sold."""
    ends_at = checkout.capture_before
    if ends_at is not None and work.now > ends_at - CAPTURE_MARGIN:
        return Reason("CAPTURE_FAILED", "The authorization ends too soon: AUTHORIZATION_EXPIRED.")
    return await check_amount(checkout, work) or await claim_sale(checkout, work)


# failpoint: none needed (intent)
async def take_arrived_money(checkout: Checkout, work: UnitOfWork) -> Data:
    """The capture of money that is there already: the cart, if there is one, is held as for any capture, and
    the order is paid."""
    if checkout.origin is None:
        work.send(*hold_cart(checkout))
    if checkout.attempt_now.screening:
        note_outcome(checkout.attempt_now.payment_id, PAID, work)
    await lifecycle.pay_order(order_id_of(checkout.id), work)
    return {"reference": checkout.steps[step_names.AUTHORIZE].data["reference"]}


def opened_by_fulfillment(checkout: Checkout, tenant: str) -> Streams:
    sale, order_id = checkout.agreed_sale, order_id_of(checkout.id)
    return fulfilling.opened_by_fulfillment(order_id, checkout.customer_id, sale, tenant, checkout.gifts)


async def fulfill_order(checkout: Checkout, work: UnitOfWork) -> Data | None:
    """Redeem the promotions, and hand over the lines: done when each has a first result. No delivery holds a
    checkout up for long: a timer ends the step."""
    redeem_promotions(checkout, work)
    order_id = order_id_of(checkout.id)
    order = await fulfilling.begin_fulfillment(
        order_id, checkout.customer_id, checkout.agreed_sale, work, checkout.gifts
    )
    if not order.results:
        begun = checkout.steps.get(step_names.FULFILL)
        since = begun.started_at if begun else work.now
        work.set_timer(FULFILLMENT_LIMIT, checkout.id, since + FIRST_RESULTS_WITHIN)
        return None
    return {"results": order.result_by_line}


def opened_by_end(checkout: Checkout, tenant: str) -> Streams:
    """The customer, if upsells may be proposed; the order after which this one was bought."""
    if checkout.origin:
        return Streams([(Order, checkout.origin.order_id)])
    return Streams(_buyer(checkout, tenant) if checkout.may_get_proposals else ())


def _buyer(checkout: Checkout, tenant: str) -> PreloadKeys:
    return [(Customer, customer_stream_id(tenant, checkout.customer_id))]


async def finish(checkout: Checkout, work: UnitOfWork) -> Data:
    """Convert the cart, and have upsells proposed; or tell the order after which an upsell was bought. No
    reply is awaited, for none can change the outcome."""
    order_id = order_id_of(checkout.id)
    if checkout.origin:
        original = await work.open(Order, checkout.origin.order_id)
        note_upsell_bought(original, checkout.origin.upsell_id, order_id)
    else:
        _convert_cart(checkout, checkout, work)
        await _propose_upsells(checkout, work)
    return {"order_id": str(order_id)}


# failpoint: none needed (intent)
async def _propose_upsells(checkout: Checkout, work: UnitOfWork) -> None:
    if not checkout.may_get_proposals:
        return
    customer = (await customers.find_customer(checkout.customer_id, work)).customer
    propose = offer.ProposeUpsells(
        checkout_id=checkout.id,
        step=step_names.COMPLETE,
        order_id=order_id_of(checkout.id),
        customer_id=checkout.customer_id,
        segments=customer.segments,
        sale=checkout.agreed_sale,
    )
    work.send(propose, checkout.id)


# failpoint: none needed (intent)
def redeem_promotions(checkout: Checkout, work: UnitOfWork) -> None:
    """The redemption cannot be refused, so its reply is not awaited."""
    if uses_promotions(checkout.locked_sale):
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
