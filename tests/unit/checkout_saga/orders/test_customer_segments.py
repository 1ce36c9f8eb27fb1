"""Segments that follow from paid orders: new with the first one, returning from the second, vip from the
fifth."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from checkout_saga.customers.domain.customer import Profile, customer_stream_id
from checkout_saga.customers.use_cases import change_profile, find_customer
from checkout_saga.orders.domain.order import Order, order_id_of
from checkout_saga.orders.domain.order_state import OrderStatus
from checkout_saga.orders.use_cases.customer_segments import segments_for
from checkout_saga.orders.use_cases.fulfilling import begin_fulfillment
from checkout_saga.orders.use_cases.index_keys import (
    CUSTOMER_ORDER,
    ORDER_NUMBER,
    PAID_ORDER,
    order_key,
    paid_order_key,
)
from checkout_saga.orders.use_cases.lifecycle import (
    compensate_order,
    create_order,
    pay_order,
)
from checkout_saga.orders.use_cases.recovery import resume_order
from contracts import customer, order
from contracts.envelope import Fact
from contracts.sale import Sale
from kernel.errors import KeyClaimed
from kernel.unit_of_work import UnitOfWork
from pricing.refunds import charged
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.checkout_saga.examples import (
    CART,
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

STREAM = customer_stream_id("demo", CUSTOMER)


async def create(bought: tuple[int, Sale, str], work: UnitOfWork) -> None:
    number, sale, customer_id = bought
    await create_order(UUID(int=number), CART, customer_id, "simulated", sale, work)


async def pay(number: int, work: UnitOfWork) -> None:
    await pay_order(order_id_of(UUID(int=number)), work)


async def fulfill(number: int, work: UnitOfWork) -> None:
    order = await work.open(Order, order_id_of(UUID(int=number)))
    await begin_fulfillment(order.id, order.customer_id, order.sale, work)


async def give_up(number: int, work: UnitOfWork) -> None:
    await compensate_order(order_id_of(UUID(int=number)), "GIVEN_UP", work)


async def set_profile(profile: Profile, work: UnitOfWork) -> None:
    await change_profile(CUSTOMER, profile, work)


async def recover(number: int, work: UnitOfWork) -> None:
    await resume_order(await work.open(Order, order_id_of(UUID(int=number))), work)


async def erase(customer_id: str, work: UnitOfWork) -> None:
    (await find_customer(customer_id, work)).customer.erase(customer_id, (customer_id,), None)


def number_key(number: int) -> str:
    return paid_order_key("demo", CUSTOMER, number)


def buy(story: Scenario, number: int, customer_id: str = CUSTOMER) -> Scenario:
    """Paid, and not fulfilled yet."""
    story.at(NOW + timedelta(seconds=number)).when(create, (number, SALE, customer_id))
    return story.when(pay, number)


def listed(*past: Fact) -> Scenario:
    """With an order of these facts in the customer's list."""
    return given(*past).claimed(CUSTOMER_ORDER, order_key("demo", CUSTOMER, NOW, ORDER), ORDER)


async def status_of(order_id: UUID, work: UnitOfWork) -> OrderStatus:
    return (await work.open(Order, order_id)).status


def status_in(story: Scenario) -> OrderStatus:
    status: OrderStatus = story.when(status_of, ORDER).result
    return status


def changes(story: Scenario) -> list[tuple[str, ...]]:
    """The complete segments in the facts of the last step."""
    return [it.segments for it in story.work.facts if isinstance(it, customer.ProfileChanged)]


@pytest.mark.parametrize(
    ("orders", "segments"),
    [(0, ()), (1, ("new",)), (2, ("returning",)), (4, ("returning",)), (5, ("returning", "vip"))],
)
def test_segments_by_number_of_paid_orders(orders: int, segments: tuple[str, ...]) -> None:
    assert segments_for(orders) == segments


def test_a_profile_is_recorded_only_with_the_first_second_and_fifth_paid_order() -> None:
    story = given()
    seen = []
    for number in range(1, 8):
        seen.append(changes(buy(story, number)))
        story.when(fulfill, number)
    assert seen == [[("new",)], [("returning",)], [], [], [("returning", "vip")], [], []]


def refunded(amount: int) -> list[Fact]:
    """Line "b", or all."""
    lines = charged(SALE)[:-1]
    shares = lines if amount == SALE.totals.total else lines[1:2]
    return [
        order.RefundRequested(
            **stamp(ORDER), refund_id=CART, currency="USD", amount=amount, reason="it", allocation=shares
        ),
        order.Refunded(
            **order_fields(), refund_id=CART, currency="USD", amount=amount, reason="it", allocation=shares
        ),
    ]


def with_results(*results: str) -> tuple[order.LineResult, ...]:
    return tuple(
        order.LineResult(line_id=it, result=result) for it, result in zip("abc", results, strict=True)
    )


FULFILLED = order.Fulfilled(**order_fields(), results=RESULTS)
PARTLY = order.PartiallyFulfilled(**order_fields(), results=with_results("successful", "failed", "pending"))
PENDING = order.FulfillmentPending(**order_fields(), results=with_results(*["pending"] * 3))
NOT_FULFILLED = order.FulfillmentFailed(**order_fields(), results=with_results(*["failed"] * 3))


@pytest.mark.parametrize(
    ("later", "status"),
    [
        pytest.param((), OrderStatus.PAID, id="paid"),
        pytest.param((FULFILLED,), OrderStatus.FULFILLED, id="fulfilled"),
        pytest.param((PARTLY,), OrderStatus.PARTIALLY_FULFILLED, id="partially_fulfilled"),
        pytest.param((PENDING,), OrderStatus.PAID, id="fulfilment_pending"),
        pytest.param((NOT_FULFILLED,), OrderStatus.FAILED, id="fulfilment_failed"),
        pytest.param((FULFILLED, *refunded(1000)), OrderStatus.FULFILLED, id="refunded_in_part"),
        pytest.param((FULFILLED, *refunded(2000)), OrderStatus.REFUNDED, id="refunded"),
        pytest.param((all_refunded("OUT"),), OrderStatus.REFUNDED, id="refunded_before_the_fulfilment"),
        pytest.param((FULFILLED, order_cancelled("it")), OrderStatus.CANCELLED, id="cancelled"),
        pytest.param((order_cancelled("OUT"),), OrderStatus.CANCELLED, id="given_up"),
        pytest.param(
            (order_cancelled("OUT"), all_refunded("OUT")), OrderStatus.CANCELLED, id="given_up_refunded"
        ),
    ],
)
def test_an_order_that_was_paid_counts_in_every_later_status(
    later: tuple[Fact, ...], status: OrderStatus
) -> None:
    story = listed(order_created(), order_paid(), *later)
    assert status_in(story) is status
    assert changes(buy(story, 2)) == [("returning",)]


@pytest.mark.parametrize(
    ("past", "status"),
    [
        pytest.param((order_created(),), OrderStatus.CREATED, id="created"),
        pytest.param((order_created(), order_cancelled("OUT")), OrderStatus.CANCELLED, id="given_up"),
        pytest.param((order_created(FREE), PENDING), OrderStatus.PAID, id="free_and_pending"),
        pytest.param((order_created(FREE), FULFILLED), OrderStatus.FULFILLED, id="free_and_fulfilled"),
        pytest.param(
            (order_created(FREE), FULFILLED, order_cancelled("it")),
            OrderStatus.CANCELLED,
            id="free_and_cancelled",
        ),
    ],
)
def test_an_order_that_was_never_paid_does_not_count(past: tuple[Fact, ...], status: OrderStatus) -> None:
    story = listed(*past)
    assert status_in(story) is status
    assert changes(buy(story, 2)) == [("new",)]


def test_an_order_that_is_given_up_after_its_payment_keeps_its_place_in_the_count() -> None:
    story = given().when(create, (1, FREE, CUSTOMER)).when(fulfill, 1)
    buy(story, 2).when(give_up, 2)
    assert changes(buy(story, 3)) == [("returning",)]


def test_a_payment_that_is_told_twice_counts_once() -> None:
    buy(given(), 1).when(pay, 1).then_nothing()


def test_the_shops_own_segments_stay_beside_the_automatic_ones() -> None:
    story = given().when(set_profile, Profile(("press", "vip"), ("welding-1",), email_verified=True))
    assert changes(buy(story, 1)) == [("new", "press", "vip")]
    story.when(set_profile, Profile(("press",), ("welding-1",), email_verified=True))
    (fact,) = story.work.facts
    assert fact.model_dump(include={"segments", "automatic", "assigned", "qualifications"}) == {
        "segments": ("new", "press"),
        "automatic": ("new",),
        "assigned": ("press",),
        "qualifications": ("welding-1",),
    }
    story.when(set_profile, Profile(("press",), ("welding-1",), email_verified=True)).then_nothing()
    assert changes(buy(story, 2)) == [("press", "returning")]


def test_an_earlier_profile_has_only_segments_of_the_shop() -> None:
    old = customer.ProfileChanged(**stamp(STREAM), customer_id=CUSTOMER, segments=("new", "press"))
    assert changes(buy(given(old), 1)) == [("new", "press")]


def test_orders_of_a_linked_guest_count_as_the_accounts() -> None:
    guest, account = "guest-1", "shopper/9"
    joined = customer.Joined(
        **stamp(customer_stream_id("demo", guest)), customer_id=guest, account_id=account
    )
    linked = customer.Linked(
        **stamp(customer_stream_id("demo", account)), customer_id=account, guest_id=guest
    )
    story = given(linked, joined)
    assert changes(buy(story, 1, guest)) == [("new",)]
    assert changes(buy(story, 2, account)) == [("returning",)]


def test_an_order_that_changes_no_segment_holds_its_number() -> None:
    """Of two that are paid at the same moment, and do not see each other, one is decided again."""
    story = given()
    for number in (1, 2, 3):
        buy(story, number)
        story.when(fulfill, number)
    assert changes(buy(story, 4)) == []
    story.then_holds(PAID_ORDER, number_key(4), order_id_of(UUID(int=4)))


def test_an_order_is_decided_again_if_another_was_paid_while_the_orders_were_read() -> None:
    story = given()
    for number in (1, 2):
        buy(story, number)
    story.claimed(PAID_ORDER, number_key(3), order_id_of(UUID(int=9)))
    with pytest.raises(KeyClaimed):
        buy(story, 3)


def test_a_recovered_order_holds_its_number_unless_its_customer_was_erased() -> None:
    story = given()
    for number in (1, 2, 3):
        buy(story, number)
        story.when(fulfill, number)
    held = dict(story.world.claims)
    assert held[PAID_ORDER, number_key(3)] == order_id_of(UUID(int=3))

    story.world.claims.clear()
    for number in (1, 2, 3):
        story.when(recover, number).then_nothing()
    assert story.world.claims == held

    story.world.claims.clear()
    story.when(erase, CUSTOMER).when(recover, 3)
    assert {kind for kind, _ in story.world.claims} == {CUSTOMER_ORDER, ORDER_NUMBER}
