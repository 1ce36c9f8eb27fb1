"""What a checkout has its order do counts once, however often it is repeated."""

from __future__ import annotations

from itertools import islice
from uuid import UUID

from checkout_saga.orders.domain.numbers import numbers_of
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.order_state import OrderStatus
from checkout_saga.orders.use_cases.fulfilling import begin_fulfillment
from checkout_saga.orders.use_cases.index_keys import CUSTOMER_ORDER, ORDER_NUMBER, order_key
from checkout_saga.orders.use_cases.lifecycle import (
    compensate_order,
    create_order,
    pay_order,
    refund_whole_order,
)
from contracts import order
from contracts.sale import Sale
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, given
from tests.unit.checkout_saga.examples import (
    CART,
    CHECKOUT,
    CUSTOMER,
    FREE,
    ORDER,
    RESULTS,
    SALE,
    all_refunded,
    customer_is_new,
    handed_over,
    order_cancelled,
    order_created,
    order_fields,
    order_paid,
)

FULFILLED = order.Fulfilled(**order_fields(), results=RESULTS)
KEY = order_key("demo", CUSTOMER, NOW, ORDER)


async def bought(sale: Sale, work: UnitOfWork) -> Order:
    return await create_order(CHECKOUT, CART, CUSTOMER, "simulated", sale, work, payment_method="card")


async def fulfill_order(sale: Sale, work: UnitOfWork) -> Order:
    return await begin_fulfillment(ORDER, CUSTOMER, sale, work)


def test_an_order_is_created_with_its_payment_and_listed_for_its_customer() -> None:
    given().when(bought, SALE).then(order_created()).then_holds(CUSTOMER_ORDER, KEY, ORDER)


def test_a_free_order_has_no_payment() -> None:
    given().when(bought, FREE).then(order_created(FREE))


def test_an_order_is_created_once() -> None:
    given(order_created()).claimed(CUSTOMER_ORDER, KEY, ORDER).when(bought, SALE).then_nothing()


def test_an_order_holds_its_number_and_takes_another_one_if_that_is_held() -> None:
    first, second = islice(numbers_of(ORDER), 2)
    given().when(bought, SALE).then_holds(ORDER_NUMBER, first, ORDER)
    story = given().claimed(ORDER_NUMBER, first, UUID(int=1)).when(bought, SALE)
    assert story.result.number == second
    story.then_holds(ORDER_NUMBER, first, UUID(int=1)).then_holds(ORDER_NUMBER, second, ORDER)


def test_an_order_is_paid_once_and_fulfilled_once() -> None:
    story = given(order_created()).when(pay_order, ORDER).then(order_paid(), customer_is_new())
    story.when(pay_order, ORDER).then_nothing()
    story.when(fulfill_order, SALE).then(FULFILLED, *handed_over())
    story.when(fulfill_order, SALE).then_nothing()
    story.when(pay_order, ORDER).then_nothing()


def test_a_free_order_is_fulfilled_without_a_payment() -> None:
    given(order_created(FREE)).when(fulfill_order, FREE).then(FULFILLED, *handed_over())


def cancelled() -> Scenario:
    return given(order_created(), order_paid(), order_cancelled("GIVEN_UP"))


def test_a_cancelled_order_is_neither_paid_nor_fulfilled() -> None:
    cancelled().when(pay_order, ORDER).then_nothing().when(fulfill_order, SALE).then_nothing()


async def compensated(reason: str, work: UnitOfWork) -> None:
    await compensate_order(ORDER, reason, work)


async def refunded(reason: str, work: UnitOfWork) -> None:
    await refund_whole_order(ORDER, reason, work)


def test_the_order_of_a_failed_checkout_is_cancelled_once_and_refunded_once() -> None:
    story = given(order_created(), order_paid()).when(compensated, "OUT").then(order_cancelled("OUT"))
    story.when(compensated, "OUT").then_nothing()
    story.when(refunded, "OUT").then(all_refunded("OUT"))
    story.when(refunded, "OUT").then_nothing()


def test_an_order_that_was_never_paid_records_no_refund() -> None:
    given(order_created()).when(refunded, "OUT").then_nothing()


def test_a_payment_is_broken_down_into_items_shipping_and_tax() -> None:
    line = SALE.lines[0].model_copy(update={"tax": 150, "total": 1800})
    totals = SALE.totals.model_copy(update={"total": 2000, "shipping": 200, "tax": 180})
    taxed = SALE.model_copy(update={"lines": (line,), "totals": totals})
    made_of = order.Breakdown(items=1650, shipping=170, tax=180)
    paid = order_paid().model_copy(update={"totals": totals, "breakdown": made_of})
    given(order_created(taxed)).when(pay_order, ORDER).then(paid, customer_is_new())


def test_an_order_without_facts_has_a_whole_state() -> None:
    empty = Order.empty(ORDER)

    assert (empty.status, empty.refundable, empty.sale.lines) == (OrderStatus.NONE, 0, ())
