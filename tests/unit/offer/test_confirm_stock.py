"""Confirming: what is held is sold; what is held no longer is sold only if it is still there."""

from contracts import reservation as facts
from offer.application.confirm_stock import confirm_stock
from offer.application.release_stock import release_stock
from offer.application.reserve_stock import EXPIRY
from tests.support.scenario import given, stamp
from tests.unit.offer.examples import (
    BOOK,
    CD,
    CHECKOUT,
    OTHER_CHECKOUT,
    OVER,
    RESERVATION,
    confirm,
    counted,
    expired,
    given_back,
    held,
    made,
    release,
    reservation_confirmed,
    reservation_expired,
    reservation_released,
    sold,
    units,
)

HELD = counted(CD, 5), held(CD, 5), made(units(CD, 5))


def refused(code: str, detail: str) -> facts.ConfirmationRefused:
    return facts.ConfirmationRefused(
        **stamp(RESERVATION), checkout_id=CHECKOUT, step="confirm_stock", code=code, detail=detail
    )


GONE = refused(
    "INSUFFICIENT_INVENTORY",
    f"the reservation was over and the units are gone: {CD}: 5 requested, 0 available",
)


def test_what_is_held_leaves_the_shelf_and_the_timer_is_off() -> None:
    scenario = given(*HELD).when(confirm_stock, confirm(units(CD, 5)))
    scenario.then(sold(CD, 5), reservation_confirmed(units(CD, 5)))
    scenario.then_no_timer(EXPIRY, RESERVATION)


def test_the_same_request_again_sells_nothing_twice() -> None:
    scenario = given(*HELD).when(confirm_stock, confirm(units(CD, 5)))
    scenario.when(confirm_stock, confirm(units(CD, 5))).then(reservation_confirmed(units(CD, 5)))


def test_a_reservation_that_is_over_is_sold_if_the_units_are_still_there() -> None:
    past = *HELD, expired(CD, 5), reservation_expired()
    given(*past).at(OVER).when(confirm_stock, confirm(units(CD, 5))).then(
        held(CD, 5, expires_at=OVER), sold(CD, 5), reservation_confirmed(units(CD, 5))
    )


def test_it_is_over_at_its_time_even_before_the_timer_says_so() -> None:
    given(*HELD).at(OVER).when(confirm_stock, confirm(units(CD, 5))).then(
        expired(CD, 5),
        reservation_expired(),
        held(CD, 5, expires_at=OVER),
        sold(CD, 5),
        reservation_confirmed(units(CD, 5)),
    )


def test_a_reservation_that_is_over_is_refused_where_somebody_else_has_the_units() -> None:
    past = *HELD, expired(CD, 5), held(CD, 5, OTHER_CHECKOUT, OVER.replace(year=2030))
    given(*past).at(OVER).when(confirm_stock, confirm(units(CD, 5))).then(reservation_expired(), GONE)


def test_a_hold_that_somebody_with_a_later_clock_has_ended_is_over_before_its_time() -> None:
    past = *HELD, expired(CD, 5), held(CD, 5, OTHER_CHECKOUT, OVER.replace(year=2030))
    given(*past).when(confirm_stock, confirm(units(CD, 5))).then(reservation_expired(), GONE)


def test_a_refused_confirmation_stays_refused() -> None:
    past = *HELD, expired(CD, 5), reservation_expired(), GONE, counted(CD, 50)
    given(*past).at(OVER).when(confirm_stock, confirm(units(CD, 5))).then(GONE)


def test_what_a_count_did_not_find_is_not_sold_and_all_is_given_back() -> None:
    past = counted(BOOK, 1), held(BOOK, 1), counted(CD, 5), held(CD, 5), made(units(CD, 5), units(BOOK, 1))
    given(*past, counted(CD, 4)).when(confirm_stock, confirm(units(CD, 5), units(BOOK, 1))).then(
        given_back(CD, 5),
        given_back(BOOK, 1),
        refused("INSUFFICIENT_INVENTORY", "a count has found less than was promised"),
    )


def test_back_orders_are_sold_below_zero() -> None:
    past = counted(CD, 0, allow_backorders=True), held(CD, 5), made(units(CD, 5))
    given(*past).when(confirm_stock, confirm(units(CD, 5))).then(
        sold(CD, 5), reservation_confirmed(units(CD, 5))
    )


def test_units_without_a_stock_record_are_sold_without_one() -> None:
    given(made()).when(confirm_stock, confirm(units(CD, 5))).then(reservation_confirmed())


def test_what_was_given_back_is_not_sold() -> None:
    scenario = given(*HELD).when(release_stock, release())
    scenario.then(given_back(CD, 5), reservation_released())
    scenario.when(confirm_stock, confirm(units(CD, 5))).then(
        refused("CHECKOUT_CANCELLED", "the checkout has already given up what it asks for")
    )


def test_what_was_never_reserved_is_not_sold() -> None:
    given(counted(CD, 5)).when(confirm_stock, confirm(units(CD, 5))).then(
        refused("INSUFFICIENT_INVENTORY", "nothing was reserved")
    )
