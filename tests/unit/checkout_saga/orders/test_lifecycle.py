"""What a checkout has its order do counts once, however often it is repeated."""

from __future__ import annotations

import pytest

from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.order_state import OrderStatus
from checkout_saga.orders.use_cases.index_keys import CUSTOMER_ORDER, order_key
from checkout_saga.orders.use_cases.lifecycle import (
    compensate_order,
    create_order,
    fulfill_order,
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
    order_cancelled,
    order_created,
    order_fields,
    order_paid,
)

FULFILLED = order.Fulfilled(**order_fields(), results=RESULTS)
KEY = order_key("demo", CUSTOMER, NOW, ORDER)


async def bought(sale: Sale, work: UnitOfWork) -> Order:
    return await create_order(CHECKOUT, CART, CUSTOMER, "simulated", sale, work)


def test_an_order_is_created_with_its_payment_and_listed_for_its_customer() -> None:
    given().when(bought, SALE).then(order_created()).then_holds(CUSTOMER_ORDER, KEY, ORDER)


def test_a_free_order_has_no_payment() -> None:
    given().when(bought, FREE).then(order_created(FREE))


def test_an_order_is_created_once() -> None:
    given(order_created()).claimed(CUSTOMER_ORDER, KEY, ORDER).when(bought, SALE).then_nothing()


def test_an_order_is_paid_once_and_fulfilled_once() -> None:
    story = given(order_created()).when(pay_order, ORDER).then(order_paid())
    story.when(pay_order, ORDER).then_nothing()
    story.when(fulfill_order, ORDER).then(FULFILLED)
    story.when(fulfill_order, ORDER).then_nothing()
    story.when(pay_order, ORDER).then_nothing()


def test_a_free_order_is_fulfilled_without_a_payment() -> None:
    given(order_created(FREE)).when(fulfill_order, ORDER).then(FULFILLED)


def cancelled() -> Scenario:
    return given(order_created(), order_paid(), order_cancelled("GIVEN_UP"))


@pytest.mark.parametrize("use_case", [pay_order, fulfill_order])
def test_a_cancelled_order_is_neither_paid_nor_fulfilled(use_case: object) -> None:
    assert callable(use_case)
    cancelled().when(use_case, ORDER).then_nothing()


async def compensated(reason: str, work: UnitOfWork) -> None:
    await compensate_order(ORDER, reason, work)


async def refunded(reason: str, work: UnitOfWork) -> None:
    await refund_whole_order(ORDER, reason, work)


def test_the_order_of_a_failed_checkout_is_cancelled_once_and_refunded_once() -> None:
    story = given(order_created(), order_paid()).when(compensated, "OUT").then(order_cancelled("OUT"))
    story.when(compensated, "OUT").then_nothing()
    story.when(refunded, "OUT").then(all_refunded("OUT"))
    story.when(refunded, "OUT").then_nothing()


def test_an_order_without_facts_has_a_whole_state() -> None:
    empty = Order.empty(ORDER)

    assert (empty.status, empty.refundable, empty.sale.lines) == (OrderStatus.NONE, 0, ())
