"""Reserving: all units that a checkout wants or none, and the same reply to a repeated command."""

from datetime import timedelta
from functools import partial

from contracts.stock import ReservationRefused, Shortage
from offer.inventory.use_cases.reservations import EXPIRY, confirm_stock, release_stock, reserve_stock
from tests.support.scenario import NOW, given, stamp
from tests.unit.offer.examples import (
    BOOK,
    CD,
    CHECKOUT,
    EXPIRY_TIME,
    HOLD_FOR,
    OTHER_CHECKOUT,
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

handler = partial(reserve_stock, hold_for=HOLD_FOR)


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
    detail = f"There is not enough in stock: {product}: {requested} requested, {available} available."
    return refused("INSUFFICIENT_INVENTORY", detail, shortage)


CANCELLED = refused("CHECKOUT_CANCELLED", "The checkout was cancelled before this request arrived.")


def test_units_are_held_for_half_an_hour() -> None:
    scenario = given(counted(CD, 5), counted(BOOK, 1))
    scenario.when(handler, reserve(units(BOOK, 1), units(CD, 5)))
    scenario.then(
        held(CD, 5), held(BOOK, 1), made(units(CD, 5), units(BOOK, 1), asked=(units(BOOK, 1), units(CD, 5)))
    )
    scenario.then_timer(EXPIRY, RESERVATION, EXPIRY_TIME)


def test_one_missing_unit_refuses_all_of_it() -> None:
    given(counted(CD, 5), counted(BOOK, 1)).when(handler, reserve(units(CD, 5), units(BOOK, 2))).then(
        short(BOOK, 2, 1)
    )


def test_quantities_of_the_same_product_are_summed() -> None:
    given(counted(CD, 5)).when(handler, reserve(units(CD, 3), units(CD, 3))).then(short(CD, 6, 5))


def test_units_held_by_others_are_not_available() -> None:
    given(counted(CD, 5), held(CD, 4, OTHER_CHECKOUT)).when(handler, reserve(units(CD, 2))).then(
        short(CD, 2, 1)
    )


def test_expired_holds_of_others_are_available_even_before_the_timer_has_run() -> None:
    given(counted(CD, 5), held(CD, 4, OTHER_CHECKOUT, NOW)).when(handler, reserve(units(CD, 2))).then(
        expired(CD, 4, OTHER_CHECKOUT), held(CD, 2), made(units(CD, 2), asked=(units(CD, 2),))
    )


def test_after_a_count_below_the_held_units_nothing_is_available() -> None:
    given(counted(CD, 5), held(CD, 4, OTHER_CHECKOUT), counted(CD, 3)).when(
        handler, reserve(units(CD, 1))
    ).then(short(CD, 1, 0))


def test_back_orders_allow_holds_beyond_the_units_on_hand() -> None:
    given(counted(CD, 0, allow_backorders=True)).when(handler, reserve(units(CD, 7))).then(
        held(CD, 7), made(units(CD, 7), asked=(units(CD, 7),))
    )


def test_a_product_without_a_stock_record_is_unlimited_and_sets_no_timer() -> None:
    scenario = given().when(handler, reserve(units(CD, 1_000))).then(made(asked=(units(CD, 1_000),)))
    assert not scenario.work.timers


def test_a_repeated_request_gets_the_same_reservation() -> None:
    scenario = given(counted(CD, 5)).when(handler, reserve(units(CD, 5)))
    scenario.after(minutes=5).when(handler, reserve(units(CD, 5))).then(made(units(CD, 5)))
    assert not scenario.work.timers


def test_a_repeated_request_is_refused_again_although_stock_has_increased() -> None:
    given(counted(CD, 5), short(CD, 6, 5), counted(CD, 6)).when(handler, reserve(units(CD, 6))).then(
        short(CD, 6, 5)
    )


def test_a_repeated_request_after_expiry_holds_nothing_again() -> None:
    past = counted(CD, 5), held(CD, 5), made(units(CD, 5)), expired(CD, 5), reservation_expired()
    given(*past).at(EXPIRY_TIME + timedelta(days=3)).when(handler, reserve(units(CD, 5))).then(
        made(units(CD, 5))
    )


def test_a_repeated_request_after_the_sale_holds_nothing_again() -> None:
    scenario = given(counted(CD, 5), held(CD, 5), made(units(CD, 5)))
    scenario.when(confirm_stock, confirm(units(CD, 5)))
    scenario.when(handler, reserve(units(CD, 5))).then(made(units(CD, 5)))


def test_a_request_after_its_own_compensation_is_refused_every_time() -> None:
    scenario = given(counted(CD, 5)).when(release_stock, release()).then(reservation_released())
    scenario.when(handler, reserve(units(CD, 1))).then(CANCELLED)
    scenario.when(handler, reserve(units(CD, 1))).then(CANCELLED)
