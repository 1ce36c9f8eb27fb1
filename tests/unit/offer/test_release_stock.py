"""Releasing and expiring: what is held comes back, once, and never what was sold."""

from offer.application.confirm_stock import confirm_stock
from offer.application.expire_reservation import expire_reservation
from offer.application.release_stock import release_stock
from offer.application.reserve_stock import EXPIRY
from tests.support.scenario import given
from tests.unit.offer.examples import (
    CD,
    OVER,
    RESERVATION,
    confirm,
    counted,
    expired,
    given_back,
    held,
    made,
    release,
    reservation_expired,
    reservation_released,
    units,
)

HELD = counted(CD, 5), held(CD, 5), made(units(CD, 5))


def test_what_is_held_comes_back_and_the_timer_is_off() -> None:
    scenario = given(*HELD).when(release_stock, release())
    scenario.then(given_back(CD, 5), reservation_released()).then_no_timer(EXPIRY, RESERVATION)


def test_the_same_request_again_gives_nothing_back_twice() -> None:
    scenario = given(*HELD).when(release_stock, release())
    scenario.when(release_stock, release()).then(reservation_released())


def test_giving_back_what_was_never_held_is_answered_all_the_same() -> None:
    given(counted(CD, 5)).when(release_stock, release()).then(reservation_released())


def test_giving_back_what_is_over_touches_no_stock() -> None:
    given(*HELD, expired(CD, 5), reservation_expired()).when(release_stock, release()).then(
        reservation_released()
    )


def test_what_is_sold_stays_sold() -> None:
    scenario = given(*HELD).when(confirm_stock, confirm(units(CD, 5)))
    scenario.when(release_stock, release()).then(reservation_released())


def test_a_reservation_ends_when_its_time_is_over() -> None:
    given(*HELD).at(OVER).when(expire_reservation, RESERVATION).then(expired(CD, 5), reservation_expired())


def test_a_reservation_does_not_end_before_its_time() -> None:
    given(*HELD).when(expire_reservation, RESERVATION).then_nothing()


def test_a_timer_that_has_been_overtaken_does_nothing() -> None:
    scenario = given(*HELD).when(release_stock, release())
    scenario.at(OVER).when(expire_reservation, RESERVATION).then_nothing()


def test_a_hold_that_another_buyer_has_ended_is_not_ended_twice() -> None:
    given(*HELD, expired(CD, 5)).at(OVER).when(expire_reservation, RESERVATION).then(reservation_expired())
