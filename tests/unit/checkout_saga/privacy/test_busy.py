"""Nobody is erased whose checkout, refund or dispute is under way."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.checkout.domain.index_keys import OPEN_CHECKOUT
from checkout_saga.orders.use_cases.index_keys import (
    CUSTOMER_ORDER,
    PAID_ORDER,
    customer_orders_prefix,
    order_key,
)
from checkout_saga.payments.domain.disputes import OPEN_DISPUTE
from checkout_saga.privacy.domain.errors import CustomerBusy
from checkout_saga.privacy.use_cases import check_not_busy, release_counted_orders
from contracts import order
from contracts.envelope import Fact
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.checkout_saga.examples import (
    CHECKOUT,
    CUSTOMER,
    ORDER,
    RESULTS,
    checkout_started,
    order_created,
    order_fields,
    order_paid,
)

REFUND = UUID(int=0xF00D)
FULFILLED = order.Fulfilled(**order_fields(), results=RESULTS)
REQUESTED = order.RefundRequested(
    **stamp(ORDER), refund_id=REFUND, currency="USD", amount=500, reason="broken"
)


async def check(customer_id: str, work: UnitOfWork) -> None:
    await check_not_busy((customer_id, "another id"), work)


def bought(*more: Fact) -> Scenario:
    story = given(order_created(), order_paid(), FULFILLED, *more)
    return story.claimed(CUSTOMER_ORDER, order_key("demo", CUSTOMER, NOW, ORDER), ORDER)


def test_an_open_checkout_is_named() -> None:
    story = given(checkout_started()).claimed(OPEN_CHECKOUT, "2026/1", CHECKOUT)
    story.when(check, CUSTOMER).then_refused(CustomerBusy, checkouts=[str(CHECKOUT)], refunds=[])


def test_another_customers_open_checkout_does_not_matter() -> None:
    given(checkout_started()).claimed(OPEN_CHECKOUT, "2026/1", CHECKOUT).when(check, "shopper/8").then()


def test_an_open_refund_is_named_also_while_it_needs_an_operator() -> None:
    stuck = order.RefundStuck(**stamp(ORDER), refund_id=REFUND, code="PAYMENT_OUTCOME_UNKNOWN", tries=8)
    for more in ((REQUESTED,), (REQUESTED, stuck)):
        bought(*more).when(check, CUSTOMER).then_refused(CustomerBusy, checkouts=[], refunds=[str(REFUND)])


def test_an_open_dispute_is_named() -> None:
    disputed = "stripe/dp_1"
    story = given(checkout_started()).claimed(OPEN_DISPUTE, disputed, CHECKOUT)
    story.when(check, CUSTOMER).then_refused(CustomerBusy, checkouts=[], refunds=[], disputes=["dp_1"])
    another = given(checkout_started()).claimed(OPEN_DISPUTE, disputed, CHECKOUT)
    another.when(check, "shopper/8").then()


def test_who_has_bought_and_has_all_money_back_is_free_to_go() -> None:
    failed = order.RefundFailed(**stamp(ORDER), refund_id=REFUND, code="REFUSED", detail="no")
    bought().when(check, CUSTOMER).then()
    bought(REQUESTED, failed).when(check, CUSTOMER).then()


def test_the_numbers_of_counted_orders_go_too() -> None:
    async def release(customer_id: str, work: UnitOfWork) -> None:
        await release_counted_orders((customer_id,), work)

    number = f"{customer_orders_prefix('demo', CUSTOMER)}3"
    given().claimed(PAID_ORDER, number, ORDER).when(release, CUSTOMER).then_holds(PAID_ORDER, number, None)
