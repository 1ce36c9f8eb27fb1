"""Reserving: all of what a checkout wants or none, and the same answer to the same question."""

from datetime import timedelta
from functools import partial

from contracts.stock import ReservationRefused, Shortage
from offer.application.confirm_stock import confirm_stock
from offer.application.release_stock import release_stock
from offer.application.reserve_stock import EXPIRY, reserve_stock
from tests.support.scenario import NOW, given, stamp
from tests.unit.offer.examples import (
    BOOK,
    CD,
    CHECKOUT,
    HOLD_FOR,
    OTHER_CHECKOUT,
    OVER,
    RESERVATION,
    confirm,
    counted,
    expired,
    held,
    made,
    release,
    reservation_expired,
    reservation_released,
    reserve,
    units,
)

reserving = partial(reserve_stock, hold_for=HOLD_FOR)


def refused(code: str, detail: str, *shortages: Shortage) -> ReservationRefused:
    return ReservationRefused(
        **stamp(RESERVATION),
        checkout_id=CHECKOUT,
        step="reserve_stock",
        code=code,
        detail=detail,
        shortages=shortages,
    )


def short(product: object, requested: int, available: int) -> ReservationRefused:
    shortage = Shortage.model_validate(
        {"product_id": product, "requested": requested, "available": available}
    )
    detail = f"{product}: {requested} requested, {available} available"
    return refused("INSUFFICIENT_INVENTORY", detail, shortage)


UNDONE = refused("CHECKOUT_CANCELLED", "the checkout has already given up what it asks for")


def test_units_are_held_for_half_an_hour() -> None:
    scenario = given(counted(CD, 5), counted(BOOK, 1))
    scenario.when(reserving, reserve(units(BOOK, 1), units(CD, 5)))
    scenario.then(held(CD, 5), held(BOOK, 1), made(units(CD, 5), units(BOOK, 1)))
    scenario.then_timer(EXPIRY, RESERVATION, OVER)


def test_one_missing_unit_refuses_all_of_it() -> None:
    given(counted(CD, 5), counted(BOOK, 1)).when(reserving, reserve(units(CD, 5), units(BOOK, 2))).then(
        short(BOOK, 2, 1)
    )


def test_a_product_that_stands_there_twice_is_summed() -> None:
    given(counted(CD, 5)).when(reserving, reserve(units(CD, 3), units(CD, 3))).then(short(CD, 6, 5))


def test_what_others_hold_is_not_available() -> None:
    given(counted(CD, 5), held(CD, 4, OTHER_CHECKOUT)).when(reserving, reserve(units(CD, 2))).then(
        short(CD, 2, 1)
    )


def test_what_others_held_until_now_is_available_even_before_the_timer_says_so() -> None:
    given(counted(CD, 5), held(CD, 4, OTHER_CHECKOUT, NOW)).when(reserving, reserve(units(CD, 2))).then(
        expired(CD, 4, OTHER_CHECKOUT), held(CD, 2), made(units(CD, 2))
    )


def test_a_count_below_what_is_promised_leaves_nothing_available() -> None:
    given(counted(CD, 5), held(CD, 4, OTHER_CHECKOUT), counted(CD, 3)).when(
        reserving, reserve(units(CD, 1))
    ).then(short(CD, 1, 0))


def test_back_orders_may_go_below_what_there_is() -> None:
    given(counted(CD, 0, allow_backorders=True)).when(reserving, reserve(units(CD, 7))).then(
        held(CD, 7), made(units(CD, 7))
    )


def test_a_product_that_nobody_counts_is_unlimited_and_needs_no_timer() -> None:
    scenario = given().when(reserving, reserve(units(CD, 1_000))).then(made())
    assert not scenario.work.timers


def test_the_same_request_again_is_answered_with_the_same_reservation() -> None:
    scenario = given(counted(CD, 5)).when(reserving, reserve(units(CD, 5)))
    scenario.after(minutes=5).when(reserving, reserve(units(CD, 5))).then(made(units(CD, 5)))
    assert not scenario.work.timers


def test_the_same_request_again_is_refused_again_although_there_is_enough_now() -> None:
    given(counted(CD, 5), short(CD, 6, 5), counted(CD, 6)).when(reserving, reserve(units(CD, 6))).then(
        short(CD, 6, 5)
    )


def test_a_repetition_after_the_reservation_is_over_does_not_hold_anything_again() -> None:
    past = counted(CD, 5), held(CD, 5), made(units(CD, 5)), expired(CD, 5), reservation_expired()
    given(*past).at(OVER + timedelta(days=3)).when(reserving, reserve(units(CD, 5))).then(made(units(CD, 5)))


def test_a_repetition_after_the_sale_does_not_hold_anything_again() -> None:
    scenario = given(counted(CD, 5), held(CD, 5), made(units(CD, 5)))
    scenario.when(confirm_stock, confirm(units(CD, 5)))
    scenario.when(reserving, reserve(units(CD, 5))).then(made(units(CD, 5)))


def test_a_request_whose_undoing_came_first_is_refused_and_stays_refused() -> None:
    scenario = given(counted(CD, 5)).when(release_stock, release()).then(reservation_released())
    scenario.when(reserving, reserve(units(CD, 1))).then(UNDONE)
    scenario.when(reserving, reserve(units(CD, 1))).then(UNDONE)
