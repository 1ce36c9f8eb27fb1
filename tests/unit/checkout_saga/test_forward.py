"""A successful checkout: each reply is recorded together with the next request, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from checkout_saga.checkout.domain import workflow
from checkout_saga.checkout.use_cases.finish import DEADLINE as DEADLINE_TIMER
from checkout_saga.checkout.use_cases.index_keys import OPEN_CHECKOUT
from checkout_saga.checkout.use_cases.replies import on_reply
from checkout_saga.checkout.use_cases.retry_saga import retry_saga
from checkout_saga.checkout.use_cases.start_checkout import StartCheckout, start_checkout
from checkout_saga.orders.use_cases.index_keys import CUSTOMER_ORDER, order_key
from checkout_saga.payments.domain.operation import Done, Operation
from contracts import cart, checkout, customer, offer, order, payment
from contracts.sale import Destination, Money
from tests.support.scenario import NOW, given, stamp
from tests.unit.checkout_saga.examples import (
    BOOK,
    CART,
    CHECKOUT,
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
    cart_locked,
    checkout_started,
    facts_of_step,
    fields_of,
    money,
    of_step,
    order_created,
    order_fields,
    order_paid,
    price_confirmed,
    promotions_reserved,
    step_completed,
    step_started,
    stock_confirmed,
    stock_reserved,
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
CONVERT = cart.Convert(**of_step(workflow.COMPLETE), cart_id=CART, order_id=ORDER)


def test_a_checkout_starts_with_a_lock_of_the_cart_and_a_deadline() -> None:
    story = given().when(start_checkout, START, SESSION)
    story.then(checkout_started(workflow.CURRENT), step_started(workflow.LOCK_CART))
    story.then_sent_under(CART, cart.Lock(**of_step(workflow.LOCK_CART), cart_id=CART, customer_id=CUSTOMER))
    story.then_timer(DEADLINE_TIMER, CHECKOUT, DEADLINE)
    story.then_holds(OPEN_CHECKOUT, OPEN_KEY, CHECKOUT)


def test_the_lock_command_carries_customer_destination_and_expected_total() -> None:
    berlin, agreed = Destination(country="DE", region="BE"), Money(amount=1, currency="USD")
    named: dict[str, Any] = {"guest": True, "destination": berlin, "expected_total": agreed}
    story = given().when(start_checkout, replace(START, **named), SESSION)
    locking = cart.Lock(**of_step(workflow.LOCK_CART), cart_id=CART, customer_id=CUSTOMER, **named)
    story.then_sent_under(CART, locking)
    again = story.when(retry_saga, CHECKOUT, "an operator wants to know")
    again.then_sent_under(CART, locking)


def test_stock_is_asked_for_once_per_product_in_a_fixed_order_of_products() -> None:
    story = waiting_at(workflow.LOCK_CART).when(on_reply, cart_locked())
    held = fields_of(cart_locked(), "sale", "lock_expires_at")
    story.then(step_completed(workflow.LOCK_CART, **held), step_started(workflow.RESERVE_STOCK))
    story.then_sent_under(CHECKOUT, offer.ReserveStock(**of_step(workflow.RESERVE_STOCK), wanted=WANTED))
    assert [(it.product_id, it.quantity) for it in WANTED] == [(BOOK, 1), (PEN, 2 + 3)]


def test_then_one_use_of_each_promotion_is_reserved() -> None:
    story = waiting_at(workflow.RESERVE_STOCK).when(on_reply, stock_reserved())
    held = fields_of(stock_reserved(), "held", "expires_at")
    story.then(step_completed(workflow.RESERVE_STOCK, **held), step_started(workflow.RESERVE_PROMOTIONS))
    story.then_sent_under(
        CHECKOUT,
        offer.ReservePromotions(
            **of_step(workflow.RESERVE_PROMOTIONS),
            promotion_ids=(PROMOTION, OTHER_PROMOTION),
            customer_id=CUSTOMER,
        ),
    )


def test_without_promotions_no_reservation_of_them_is_requested() -> None:
    story = waiting_at(workflow.RESERVE_STOCK, PLAIN).when(on_reply, stock_reserved())
    held = fields_of(stock_reserved(), "held", "expires_at")
    story.then(
        step_completed(workflow.RESERVE_STOCK, **held),
        step_completed(workflow.RESERVE_PROMOTIONS),
        step_started(workflow.CONFIRM_PRICE),
    )
    story.then_sent(offer.ConfirmPrice(**of_step(workflow.CONFIRM_PRICE), customer_id=CUSTOMER, sale=PLAIN))


def test_the_catalogue_confirms_the_price_before_money_is_asked_for() -> None:
    story = waiting_at(workflow.RESERVE_PROMOTIONS).when(on_reply, promotions_reserved())
    held = fields_of(promotions_reserved(), "promotion_ids")
    story.then(step_completed(workflow.RESERVE_PROMOTIONS, **held), step_started(workflow.CONFIRM_PRICE))
    story.then_sent_under(
        CHECKOUT, offer.ConfirmPrice(**of_step(workflow.CONFIRM_PRICE), customer_id=CUSTOMER, sale=SALE)
    )


def test_a_new_customer_is_recorded_and_the_intent_to_authorize_before_any_call() -> None:
    story = waiting_at(workflow.CONFIRM_PRICE).when(on_reply, price_confirmed())
    held = fields_of(price_confirmed(), "totals", "digest")
    story.then(
        step_completed(workflow.CONFIRM_PRICE, **held),
        *facts_of_step(workflow.RESOLVE_CUSTOMER),
        step_started(workflow.AUTHORIZE),
    )
    story.then_timer(Operation.AUTHORIZE, CHECKOUT, NOW)
    story.then_sent()


def test_a_known_customer_is_not_made_again() -> None:
    known = customer.Created(**stamp(CUSTOMER_STREAM), personal="an earlier one", guest=False)
    history = [*waiting_at(workflow.CONFIRM_PRICE).world.past[CHECKOUT], known]
    story = given(*history).when(on_reply, price_confirmed())
    story.then(
        step_completed(workflow.CONFIRM_PRICE, **fields_of(price_confirmed(), "totals", "digest")),
        step_completed(workflow.RESOLVE_CUSTOMER, customer_id=CUSTOMER, created=False),
        step_started(workflow.AUTHORIZE),
    )


def test_the_order_is_created_before_the_capture() -> None:
    story = waiting_at(workflow.AUTHORIZE).when(gateway_answered, Operation.AUTHORIZE, Done("ref", 2000))
    story.then(
        payment.Authorized(**money("authorize")),
        step_completed(workflow.AUTHORIZE, reference="ref"),
        *facts_of_step(workflow.CREATE_ORDER),
        step_started(workflow.CAPTURE),
    )
    story.then_timer(Operation.CAPTURE, CHECKOUT, NOW)
    story.then_no_timer(Operation.AUTHORIZE, CHECKOUT)
    story.then_holds(CUSTOMER_ORDER, order_key("demo", CUSTOMER, NOW, ORDER), ORDER)


def test_a_captured_order_is_paid_and_its_stock_is_confirmed_not_released() -> None:
    story = waiting_at(workflow.CAPTURE).when(gateway_answered, Operation.CAPTURE, Done("ref", 2000))
    story.then(
        payment.Captured(**money("capture")),
        order_paid(),
        step_completed(workflow.CAPTURE, reference="ref"),
        step_started(workflow.CONFIRM_STOCK),
    )
    story.then_sent_under(CHECKOUT, offer.ConfirmStock(**of_step(workflow.CONFIRM_STOCK), wanted=WANTED))
    story.then_no_timer(Operation.CAPTURE, CHECKOUT)


def test_with_the_stock_confirmed_everything_else_follows_and_the_checkout_is_over() -> None:
    story = waiting_at(workflow.CONFIRM_STOCK).when(on_reply, stock_confirmed())
    story.then(
        step_completed(workflow.CONFIRM_STOCK, **fields_of(stock_confirmed(), "held")),
        order.Fulfilled(**order_fields(), results=RESULTS),
        step_completed(workflow.FULFILL, results=dict.fromkeys("abc", "successful")),
        step_completed(workflow.COMPLETE, order_id=str(ORDER)),
        COMPLETED,
    )
    story.then_sent(offer.RedeemPromotions(**of_step(workflow.RESERVE_PROMOTIONS)), CONVERT)
    story.then_sent_under(CART, CONVERT)
    story.then_no_timer(DEADLINE_TIMER, CHECKOUT)
    story.then_holds(OPEN_CHECKOUT, OPEN_KEY, None)


def test_a_free_order_needs_no_payment() -> None:
    story = waiting_at(workflow.CONFIRM_PRICE, FREE).when(on_reply, price_confirmed(FREE))
    story.then(
        step_completed(workflow.CONFIRM_PRICE, **fields_of(price_confirmed(FREE), "totals", "digest")),
        *facts_of_step(workflow.RESOLVE_CUSTOMER),
        step_completed(workflow.AUTHORIZE),
        order_created(FREE),
        *[it for it in facts_of_step(workflow.CREATE_ORDER, FREE) if it.originator_id == CHECKOUT],
        step_completed(workflow.CAPTURE),
        step_started(workflow.CONFIRM_STOCK),
    )
    assert not story.work.timers
    story.when(on_reply, stock_confirmed())
    story.then(
        step_completed(workflow.CONFIRM_STOCK, **fields_of(stock_confirmed(), "held")),
        order.Fulfilled(**order_fields(), results=RESULTS),
        step_completed(workflow.FULFILL, results=dict.fromkeys("abc", "successful")),
        step_completed(workflow.COMPLETE, order_id=str(ORDER)),
        COMPLETED.model_copy(update={"total": 0}),
    )
    story.then_holds(OPEN_CHECKOUT, OPEN_KEY, None)
