"""Team licences: seats are offered, accepted and taken back, and never more of them than were bought."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import settings as within
from hypothesis import strategies as st

from checkout_saga.fulfillment.domain.errors import (
    InvitationExpired,
    NoSeatsLeft,
    SeatAlreadyTaken,
    SeatNotFound,
    SeatsInUse,
)
from checkout_saga.fulfillment.domain.license import License, license_id_of, seat_id_of
from checkout_saga.fulfillment.use_cases import licensing
from checkout_saga.fulfillment.use_cases.licensing import ORDER_LICENSE, SEAT_INVITATION, Invitation
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.order_state import OrderStatus
from checkout_saga.orders.domain.refund import RefundPart, RefundSelection
from checkout_saga.orders.use_cases.fulfilling import begin_fulfillment
from checkout_saga.orders.use_cases.refund_requests import refund_request
from checkout_saga.orders.use_cases.refunds import cancel_order, record_refund, refund_order
from checkout_saga.payments.domain.operation import Declined, Done, Outcome
from contracts import enrollment, license_, order
from contracts.checkout import Gifts, GiftSeat
from contracts.sale import LineFulfillment
from kernel.domain import Refused
from kernel.store.sort_keys import time_key
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario
from tests.unit.checkout_saga.examples import CUSTOMER, ORDER
from tests.unit.checkout_saga.fulfillment.orders import (
    PYTHON,
    RUST,
    SQL,
    begun,
    courses,
    line,
    paid,
    recorded,
    sale,
    status,
)

LICENSE = license_id_of(ORDER, "a")
REFUND = UUID(int=0xF1)


def licence(seats: int, total: int = 0, tax: int = 0, *named: str, gift_seats: int = 0) -> Any:
    of = line("a", "team_license", fulfillment=LineFulfillment(course_ids=named) if named else None)
    money = {"total": total or 1000 * seats, "tax": tax}
    return of.model_copy(update={"quantity": seats, "gift_seats": gift_seats, **money})


def invited(story: Scenario, *numbers: int) -> Scenario:
    async def act(number: int, work: UnitOfWork) -> None:
        await licensing.invite(Invitation(LICENSE, UUID(int=number), f"sealed {number}"), work)

    for it in numbers:
        story.when(act, it)
    return story


def accepted(story: Scenario, number: int, customer_id: str) -> Scenario:
    async def act(_: None, work: UnitOfWork) -> None:
        await licensing.accept(LICENSE, seat_id_of(LICENSE, number), customer_id, work)

    return story.when(act, None)


async def take_back(number: int, work: UnitOfWork) -> None:
    await licensing.take_back(LICENSE, seat_id_of(LICENSE, number), work)


async def expire(number: int, work: UnitOfWork) -> None:
    await licensing.expire(LICENSE, seat_id_of(LICENSE, number), work)


async def refund_units(quantity: int, work: UnitOfWork) -> None:
    selection = RefundSelection(parts=(RefundPart("a", quantity),))
    await refund_order(ORDER, REFUND, selection, "too many", work)


async def answered(outcome: Outcome, work: UnitOfWork) -> None:
    request = await refund_request(ORDER, REFUND, work)
    assert request is not None
    await record_refund(ORDER, REFUND, request, outcome, 0, work)


async def call_off(reason: str, work: UnitOfWork) -> None:
    await cancel_order(ORDER, REFUND, reason, work)


def free(story: Scenario) -> tuple[int, int]:
    """Seats in all, and how many are free."""

    async def read(_: None, work: UnitOfWork) -> tuple[int, int]:
        found = await work.open(License, LICENSE)
        return found.size, found.free

    size, left = story.when(read, None).result
    return size, left


def test_a_licence_has_as_many_seats_as_units_were_bought() -> None:
    story = begun(licence(5))
    (made,) = recorded(story, license_.Created)
    assert (made.seats, made.customer_id, made.course_ids) == (5, CUSTOMER, (RUST,))
    assert status(story) == OrderStatus.FULFILLED and not recorded(story, enrollment.Granted)
    story.then_holds(ORDER_LICENSE, f"{ORDER}/{time_key(NOW)}/{LICENSE}", LICENSE)


def test_a_seat_that_is_accepted_gives_its_customer_the_courses() -> None:
    story = invited(begun(licence(5, 0, 0, SQL, PYTHON)), 1)
    seat = seat_id_of(LICENSE, 1)
    story.then_timer(SEAT_INVITATION, seat, NOW + timedelta(days=14), {"license_id": str(LICENSE)})
    accepted(story, 1, "ben").then_no_timer(SEAT_INVITATION, seat)
    assert [(it.course_id, it.customer_id) for it in recorded(story, enrollment.Granted)] == [
        (SQL, "ben"),
        (PYTHON, "ben"),
    ]
    accepted(story, 1, "ben").then_nothing()
    accepted(story, 1, "eve").then_refused(SeatAlreadyTaken)


def test_one_address_and_one_customer_have_one_seat() -> None:
    story = accepted(invited(begun(licence(5)), 1, 2), 1, "ben")
    accepted(story, 2, "ben").then_refused(SeatAlreadyTaken)
    story.refusal = None
    invited(story, 2).then_refused(SeatAlreadyTaken)


def test_offered_and_accepted_seats_are_never_more_than_were_bought() -> None:
    story = invited(accepted(invited(begun(licence(2)), 1), 1, "ben"), 2)
    invited(story, 3).then_refused(NoSeatsLeft, seats=2)


@pytest.mark.parametrize("end", [take_back, expire], ids=["taken back", "expired"])
def test_a_seat_that_is_not_accepted_is_free_again_at_once(end: Any) -> None:
    story = invited(begun(licence(2)), 1, 2).when(end, 1)
    assert free(story) == (2, 1)
    invited(story, 1)
    assert free(story) == (2, 0)


def test_a_seat_that_is_taken_back_loses_its_courses() -> None:
    story = accepted(invited(begun(licence(2)), 1), 1, "ben").when(take_back, 1)
    assert courses(story, enrollment.Revoked) == [RUST] and free(story) == (2, 2)
    story.when(take_back, 1).then_nothing()
    accepted(story, 1, "ben").then_refused(SeatNotFound)


def test_an_invitation_ends_after_14_days() -> None:
    story = invited(begun(licence(2)), 1, 2)
    story.after(days=14)
    accepted(story, 1, "ben").then_refused(InvitationExpired)
    story.refusal = None
    story.when(expire, 2)
    accepted(story, 2, "ben").then_refused(InvitationExpired)


def test_an_accepted_seat_does_not_expire() -> None:
    story = accepted(invited(begun(licence(2)), 1), 1, "ben")
    story.after(days=14).when(expire, 1).then_nothing()


def test_x15_only_free_seats_are_refunded() -> None:
    story = begun(licence(13, 9898, 807))
    for number in range(1, 9):
        accepted(invited(story, number), number, f"customer-{number}")
    invited(story, 9)

    story.when(refund_units, 5).then_refused(SeatsInUse, free=4)
    story.refusal = None
    story.when(refund_units, 4)
    (asked,) = recorded(story, order.RefundRequested)
    assert [(it.amount, it.tax) for it in asked.allocation] == [(3048, 249)]
    assert free(story) == (9, 0)

    async def left(_: None, work: UnitOfWork) -> tuple[int, int, int]:
        from_order = await work.open(Order, ORDER)
        balance = from_order.remainder.balance_of("a")
        return balance.units, balance.amount, balance.tax

    assert story.when(left, None).result == (9, 6850, 558)
    invited(story, 10).then_refused(NoSeatsLeft)


def test_seats_come_back_if_their_refund_fails() -> None:
    story = begun(licence(3)).when(refund_units, 2)
    assert free(story) == (1, 1)
    story.when(answered, Declined("REFUSED", "no"))
    assert free(story) == (3, 3)


def test_a_licence_that_is_refunded_whole_ends() -> None:
    story = begun(licence(3)).when(refund_units, 3).when(answered, Done("ref", 3000))
    assert recorded(story, license_.Revoked) and free(story) == (0, 0)


def test_a_cancelled_order_takes_all_seats_back() -> None:
    story = invited(accepted(invited(begun(licence(3)), 1), 1, "ben"), 2).when(call_off, "not paid")
    story.then_no_timer(SEAT_INVITATION, seat_id_of(LICENSE, 2))
    assert courses(story, enrollment.Revoked) == [RUST]
    assert recorded(story, license_.Revoked) and free(story) == (0, 0)


def test_recipients_of_gifts_are_invited_once_each_as_soon_as_there_are_seats() -> None:
    sold = sale(licence(3, gift_seats=3))
    seats = tuple(GiftSeat(address=UUID(int=it), personal=f"sealed {it}") for it in (1, 2, 1))
    gifts = Gifts(recipients={"a": 3}, personal="sealed", seats={"a": seats})

    async def begin(_: None, work: UnitOfWork) -> None:
        await begin_fulfillment(ORDER, CUSTOMER, sold, work, gifts)

    story = paid(sold).when(begin, None)
    assert [(it.number, it.address.int) for it in recorded(story, license_.SeatInvited)] == [(1, 1), (2, 2)]


ACTS = st.one_of(
    st.tuples(st.just("invite"), st.integers(1, 8)),
    st.tuples(st.just("accept"), st.integers(1, 8)),
    st.tuples(st.just("take back"), st.integers(1, 8)),
    st.tuples(st.just("expire"), st.integers(1, 8)),
    st.tuples(st.just("resize"), st.integers(0, 4)),
)


@within(max_examples=200, deadline=None)
@for_all(st.lists(ACTS, max_size=40))
def test_whatever_happens_no_more_seats_are_taken_than_there_are(acts: list[tuple[str, int]]) -> None:
    found = License.empty(LICENSE)
    found.create(ORDER, "a", CUSTOMER, (RUST,), 4)
    for act, number in acts:
        seat = found.seats.get(number)
        try:
            match act:
                case "invite":
                    found.invite(UUID(int=number), "sealed", NOW)
                case "resize":
                    found.resize(number)
                case "accept" if seat:
                    found.accept(seat, f"customer-{number}", NOW)
                case "take back" if seat:
                    found.take_back(seat)
                case "expire" if seat:
                    found.expire(seat)
        except Refused:
            pass
        assert found.taken <= found.size
