"""Confirming: held units are sold; after the reservation has expired, only units that are still available."""

from contracts import reservation as facts
from offer.inventory.use_cases.reservations import EXPIRY, confirm_stock, release_stock
from tests.support.scenario import NOW, given, stamp
from tests.unit.offer.examples import (
    BOOK,
    CD,
    CHECKOUT,
    EXPIRY_TIME,
    OTHER_CHECKOUT,
    RESERVATION,
    confirm,
    counted,
    expired,
    held,
    made,
    release,
    released,
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


UNITS_GONE = refused(
    "INSUFFICIENT_INVENTORY",
    f"The reservation has expired and the units are gone: {CD}: 5 requested, 0 available.",
)


def test_confirming_sells_the_held_units_and_cancels_the_timer() -> None:
    scenario = given(*HELD).when(confirm_stock, confirm(units(CD, 5)))
    scenario.then(sold(CD, 5), reservation_confirmed(units(CD, 5)))
    scenario.then_no_timer(EXPIRY, RESERVATION)


ASKED = (units(CD, 5), units(BOOK, 1))
BOTH = counted(BOOK, 1), held(BOOK, 1), counted(CD, 5), held(CD, 5), made(*ASKED, asked=ASKED)


def test_what_is_held_beyond_the_wanted_units_is_released() -> None:
    scenario = given(*BOTH).when(confirm_stock, confirm(units(BOOK, 1)))
    scenario.then(released(CD, 5), sold(BOOK, 1), reservation_confirmed(units(BOOK, 1)))
    scenario.when(confirm_stock, confirm(units(BOOK, 1))).then(reservation_confirmed(units(BOOK, 1)))


def test_a_hold_of_which_a_part_is_wanted_is_replaced_by_one_of_that_part() -> None:
    given(*BOTH).when(confirm_stock, confirm(units(BOOK, 1), units(CD, 2))).then(
        released(CD, 5),
        held(CD, 2, expires_at=NOW),
        sold(CD, 2),
        sold(BOOK, 1),
        reservation_confirmed(units(CD, 2), units(BOOK, 1)),
    )


def test_after_the_expiry_the_wanted_units_alone_are_sold() -> None:
    past = *BOTH, expired(CD, 5), expired(BOOK, 1), reservation_expired()
    given(*past).at(EXPIRY_TIME).when(confirm_stock, confirm(units(BOOK, 1))).then(
        held(BOOK, 1, expires_at=EXPIRY_TIME), sold(BOOK, 1), reservation_confirmed(units(BOOK, 1))
    )


def test_a_reservation_of_an_earlier_release_is_sold_as_it_is_held() -> None:
    past = counted(BOOK, 1), held(BOOK, 1), counted(CD, 5), held(CD, 5), made(*ASKED)
    given(*past).when(confirm_stock, confirm(units(BOOK, 1))).then(
        sold(CD, 5), sold(BOOK, 1), reservation_confirmed(*ASKED)
    )


def test_a_repeated_confirmation_sells_nothing_twice() -> None:
    scenario = given(*HELD).when(confirm_stock, confirm(units(CD, 5)))
    scenario.when(confirm_stock, confirm(units(CD, 5))).then(reservation_confirmed(units(CD, 5)))


def test_an_expired_reservation_is_sold_if_the_units_are_still_available() -> None:
    past = *HELD, expired(CD, 5), reservation_expired()
    given(*past).at(EXPIRY_TIME).when(confirm_stock, confirm(units(CD, 5))).then(
        held(CD, 5, expires_at=EXPIRY_TIME), sold(CD, 5), reservation_confirmed(units(CD, 5))
    )


def test_a_reservation_expires_at_its_time_even_before_the_timer_has_run() -> None:
    given(*HELD).at(EXPIRY_TIME).when(confirm_stock, confirm(units(CD, 5))).then(
        expired(CD, 5),
        reservation_expired(),
        held(CD, 5, expires_at=EXPIRY_TIME),
        sold(CD, 5),
        reservation_confirmed(units(CD, 5)),
    )


def test_an_expired_reservation_is_refused_if_another_checkout_holds_the_units() -> None:
    past = *HELD, expired(CD, 5), held(CD, 5, OTHER_CHECKOUT, EXPIRY_TIME.replace(year=2030))
    given(*past).at(EXPIRY_TIME).when(confirm_stock, confirm(units(CD, 5))).then(
        reservation_expired(), UNITS_GONE
    )


def test_a_reservation_expires_early_if_a_replica_with_a_faster_clock_has_ended_a_hold() -> None:
    past = *HELD, expired(CD, 5), held(CD, 5, OTHER_CHECKOUT, EXPIRY_TIME.replace(year=2030))
    given(*past).when(confirm_stock, confirm(units(CD, 5))).then(reservation_expired(), UNITS_GONE)


def test_a_refused_confirmation_stays_refused() -> None:
    past = *HELD, expired(CD, 5), reservation_expired(), UNITS_GONE, counted(CD, 50)
    given(*past).at(EXPIRY_TIME).when(confirm_stock, confirm(units(CD, 5))).then(UNITS_GONE)


def test_after_a_count_below_the_held_units_nothing_is_sold_and_all_holds_are_released() -> None:
    past = counted(BOOK, 1), held(BOOK, 1), counted(CD, 5), held(CD, 5), made(units(CD, 5), units(BOOK, 1))
    given(*past, counted(CD, 4)).when(confirm_stock, confirm(units(CD, 5), units(BOOK, 1))).then(
        released(CD, 5),
        released(BOOK, 1),
        refused("INSUFFICIENT_INVENTORY", "A stock count found fewer units than were reserved."),
    )


def test_a_count_below_the_held_units_does_not_matter_for_those_that_are_not_wanted_any_more() -> None:
    given(*BOTH, counted(CD, 4)).when(confirm_stock, confirm(units(BOOK, 1), units(CD, 2))).then(
        released(CD, 5),
        held(CD, 2, expires_at=NOW),
        sold(CD, 2),
        sold(BOOK, 1),
        reservation_confirmed(units(CD, 2), units(BOOK, 1)),
    )


def test_back_orders_are_sold_below_zero() -> None:
    past = counted(CD, 0, allow_backorders=True), held(CD, 5), made(units(CD, 5))
    given(*past).when(confirm_stock, confirm(units(CD, 5))).then(
        sold(CD, 5), reservation_confirmed(units(CD, 5))
    )


def test_products_without_a_stock_record_are_sold_without_a_hold() -> None:
    given(made()).when(confirm_stock, confirm(units(CD, 5))).then(reservation_confirmed())


def test_released_units_are_not_sold() -> None:
    scenario = given(*HELD).when(release_stock, release())
    scenario.then(released(CD, 5), reservation_released())
    scenario.when(confirm_stock, confirm(units(CD, 5))).then(
        refused("CHECKOUT_CANCELLED", "The checkout was cancelled before this request arrived.")
    )


def test_units_that_were_never_reserved_are_not_sold() -> None:
    given(counted(CD, 5)).when(confirm_stock, confirm(units(CD, 5))).then(
        refused("INSUFFICIENT_INVENTORY", "Nothing was reserved.")
    )
