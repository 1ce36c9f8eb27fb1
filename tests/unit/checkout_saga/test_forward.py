"""A successful checkout: each reply is recorded together with the next request, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.index_keys import OPEN_CHECKOUT
from checkout_saga.checkout.use_cases.buying import StartCheckout, start_checkout
from checkout_saga.checkout.use_cases.operating import retry_saga
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.checkout.workflow import DEADLINE as DEADLINE_TIMER
from checkout_saga.orders.use_cases.index_keys import CUSTOMER_ORDER, order_key
from checkout_saga.payments.domain.operation import Done, Operation
from checkout_saga.settings import NEWEST
from contracts import cart, checkout, customer, offer, order, payment
from contracts.sale import Destination, Money
from contracts.screening import Screening
from tests.support.scenario import NOW, given, stamp
from tests.unit.checkout_saga.examples import (
    BOOK,
    CART,
    CHECKOUT,
    COUNTED_SALE,
    CUSTOMER,
    CUSTOMER_STREAM,
    DEADLINE,
    FREE,
    OPEN_KEY,
    ORDER,
    OTHER_PROMOTION,
    PEN,
    PLAIN,
    PROMOTION,
    RESULTS,
    SALE,
    SESSION,
    WANTED,
    advanced,
    cart_locked,
    checkout_started,
    customer_is_new,
    done,
    effects_of,
    handed_over,
    money,
    of_step,
    order_created,
    order_fields,
    order_paid,
    price_confirmed,
    promotions_reserved,
    stock_confirmed,
    stock_reserved,
    success_of,
    waiting_at,
)
from tests.unit.checkout_saga.gateway import gateway_answered

START = StartCheckout(
    checkout_id=CHECKOUT,
    cart_id=CART,
    customer_id=CUSTOMER,
    guest=False,
    personal="sealed person",
    gateway="simulated",
    payment_method="card",
    payment_token="sealed token",
)
COMPLETED = checkout.Completed(
    **stamp(CHECKOUT), order_id=ORDER, cart_id=CART, customer_id=CUSTOMER, currency="USD", total=2000
)
LAST = [success_of(it) for it in (step_names.CONFIRM_STOCK, step_names.FULFILL, step_names.COMPLETE)]
CONVERT = cart.Convert(**of_step(step_names.COMPLETE), cart_id=CART, order_id=ORDER)


def test_a_checkout_starts_with_a_lock_of_the_cart_and_a_deadline() -> None:
    story = given().when(start_checkout, START, SESSION, NEWEST)
    story.then(checkout_started(CHECKOUTS.workflow.current), advanced(step_names.LOCK_CART))
    story.then_sent_under(
        CART, cart.Lock(**of_step(step_names.LOCK_CART), cart_id=CART, customer_id=CUSTOMER)
    )
    story.then_timer(DEADLINE_TIMER, CHECKOUT, DEADLINE)
    story.then_holds(OPEN_CHECKOUT, OPEN_KEY, CHECKOUT)


def test_the_lock_command_carries_customer_destination_and_expected_total() -> None:
    berlin, agreed = Destination(country="DE", region="BE"), Money(amount=1, currency="USD")
    named: dict[str, Any] = {"guest": True, "destination": berlin, "expected_total": agreed}
    story = given().when(start_checkout, replace(START, **named), SESSION, NEWEST)
    locking = cart.Lock(**of_step(step_names.LOCK_CART), cart_id=CART, customer_id=CUSTOMER, **named)
    story.then_sent_under(CART, locking)
    again = story.when(retry_saga, CHECKOUT, "an operator wants to know")
    again.then_sent_under(CART, locking)


def test_the_lock_command_of_a_screened_checkout_carries_the_address_as_the_carts_know_it() -> None:
    screening = Screening(mode="on", values={"address": UUID(int=1)}, cart_address=UUID(int=2))
    story = given().when(start_checkout, replace(START, screening=screening), SESSION, NEWEST)
    of_lock = of_step(step_names.LOCK_CART)
    named = cart.Lock(**of_lock, cart_id=CART, customer_id=CUSTOMER, address=UUID(int=2))
    story.then_sent_under(CART, named)


def test_stock_is_asked_for_once_per_product_in_a_fixed_order_of_products() -> None:
    story = waiting_at(step_names.LOCK_CART).when(CHECKOUTS.on_reply, cart_locked())
    story.then(advanced(step_names.RESERVE_STOCK, done=[success_of(step_names.LOCK_CART)]))
    story.then_sent_under(CHECKOUT, offer.ReserveStock(**of_step(step_names.RESERVE_STOCK), wanted=WANTED))
    assert [(it.product_id, it.quantity) for it in WANTED] == [(BOOK, 1), (PEN, 2 + 3)]


def test_then_one_use_of_each_promotion_is_reserved() -> None:
    story = waiting_at(step_names.RESERVE_STOCK).when(CHECKOUTS.on_reply, stock_reserved())
    story.then(advanced(step_names.RESERVE_PROMOTIONS, done=[success_of(step_names.RESERVE_STOCK)]))
    story.then_sent_under(
        CHECKOUT,
        offer.ReservePromotions(
            **of_step(step_names.RESERVE_PROMOTIONS),
            promotion_ids=(PROMOTION, OTHER_PROMOTION),
            customer_id=CUSTOMER,
            sale=COUNTED_SALE,
        ),
    )


def test_without_promotions_no_reservation_of_them_is_requested() -> None:
    story = waiting_at(step_names.RESERVE_STOCK, PLAIN).when(CHECKOUTS.on_reply, stock_reserved())
    ended = success_of(step_names.RESERVE_STOCK), done(step_names.RESERVE_PROMOTIONS)
    story.then(advanced(step_names.CONFIRM_PRICE, done=ended))
    story.then_sent(offer.ConfirmPrice(**of_step(step_names.CONFIRM_PRICE), customer_id=CUSTOMER, sale=PLAIN))


def test_the_catalogue_confirms_the_price_before_money_is_asked_for() -> None:
    story = waiting_at(step_names.RESERVE_PROMOTIONS).when(CHECKOUTS.on_reply, promotions_reserved())
    story.then(advanced(step_names.CONFIRM_PRICE, done=[success_of(step_names.RESERVE_PROMOTIONS)]))
    story.then_sent_under(
        CHECKOUT, offer.ConfirmPrice(**of_step(step_names.CONFIRM_PRICE), customer_id=CUSTOMER, sale=SALE)
    )


def test_a_new_customer_is_recorded_and_the_intent_to_authorize_before_any_call() -> None:
    story = waiting_at(step_names.CONFIRM_PRICE).when(CHECKOUTS.on_reply, price_confirmed())
    ended = success_of(step_names.CONFIRM_PRICE), success_of(step_names.RESOLVE_CUSTOMER)
    story.then(advanced(step_names.AUTHORIZE, done=ended), *effects_of(step_names.RESOLVE_CUSTOMER))
    story.then_timer(Operation.AUTHORIZE, CHECKOUT, NOW)
    story.then_sent()


def test_a_known_customer_is_not_made_again() -> None:
    known = customer.Created(**stamp(CUSTOMER_STREAM), personal="an earlier one", guest=False)
    history = [*waiting_at(step_names.CONFIRM_PRICE).world.past[CHECKOUT], known]
    story = given(*history).when(CHECKOUTS.on_reply, price_confirmed())
    resolved = done(step_names.RESOLVE_CUSTOMER, customer_id=CUSTOMER, created=False)
    story.then(advanced(step_names.AUTHORIZE, done=[success_of(step_names.CONFIRM_PRICE), resolved]))


def test_the_order_is_created_before_the_capture() -> None:
    story = waiting_at(step_names.AUTHORIZE).when(gateway_answered, Operation.AUTHORIZE, Done("ref", 2000))
    story.then(
        *effects_of(step_names.AUTHORIZE),
        *effects_of(step_names.CREATE_ORDER),
        advanced(
            step_names.CAPTURE, done=[success_of(step_names.AUTHORIZE), success_of(step_names.CREATE_ORDER)]
        ),
    )
    story.then_timer(Operation.CAPTURE, CHECKOUT, NOW)
    story.then_no_timer(Operation.AUTHORIZE, CHECKOUT)
    story.then_holds(CUSTOMER_ORDER, order_key("demo", CUSTOMER, NOW, ORDER), ORDER)


def test_a_captured_order_is_paid_and_its_stock_is_confirmed_not_released() -> None:
    story = waiting_at(step_names.CAPTURE).when(gateway_answered, Operation.CAPTURE, Done("ref", 2000))
    story.then(
        payment.Captured(**money("capture")),
        order_paid(),
        customer_is_new(),
        advanced(step_names.CONFIRM_STOCK, done=[success_of(step_names.CAPTURE)]),
    )
    story.then_sent_under(CHECKOUT, offer.ConfirmStock(**of_step(step_names.CONFIRM_STOCK), wanted=WANTED))
    story.then_no_timer(Operation.CAPTURE, CHECKOUT)


def test_with_the_stock_confirmed_everything_else_follows_and_the_checkout_is_over() -> None:
    story = waiting_at(step_names.CONFIRM_STOCK).when(CHECKOUTS.on_reply, stock_confirmed())
    fulfilled = order.Fulfilled(**order_fields(), results=RESULTS)
    story.then(advanced(done=LAST), fulfilled, *handed_over(), COMPLETED)
    story.then_sent(offer.RedeemPromotions(**of_step(step_names.RESERVE_PROMOTIONS)), CONVERT)
    story.then_sent_under(CART, CONVERT)
    story.then_no_timer(DEADLINE_TIMER, CHECKOUT)
    story.then_holds(OPEN_CHECKOUT, OPEN_KEY, None)


def test_a_free_order_needs_no_payment() -> None:
    story = waiting_at(step_names.CONFIRM_PRICE, FREE).when(CHECKOUTS.on_reply, price_confirmed(FREE))
    ended = (
        step_names.CONFIRM_PRICE,
        step_names.RESOLVE_CUSTOMER,
        step_names.AUTHORIZE,
        step_names.CREATE_ORDER,
        step_names.CAPTURE,
    )
    story.then(
        advanced(step_names.CONFIRM_STOCK, done=[success_of(it, FREE) for it in ended]),
        *effects_of(step_names.RESOLVE_CUSTOMER),
        order_created(FREE),
    )
    assert not story.work.timers
    story.when(CHECKOUTS.on_reply, stock_confirmed())
    story.then(
        advanced(done=LAST),
        order.Fulfilled(**order_fields(), results=RESULTS),
        *handed_over(),
        COMPLETED.model_copy(update={"total": 0}),
    )
    story.then_holds(OPEN_CHECKOUT, OPEN_KEY, None)
