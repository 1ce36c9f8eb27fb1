"""Releasing and expiring: held units become available once; sold units do not."""

from offer.inventory.use_cases.reservations import EXPIRY, confirm_stock, expire_reservation, release_stock
from tests.support.scenario import given
from tests.unit.offer.examples import (
    CD,
    EXPIRY_TIME,
    RESERVATION,
    confirm,
    counted,
    expired,
    held,
    made,
    release,
    released,
    reservation_expired,
    reservation_released,
    units,
)

HELD = counted(CD, 5), held(CD, 5), made(units(CD, 5))


def test_releasing_ends_the_holds_and_cancels_the_timer() -> None:
    scenario = given(*HELD).when(release_stock, release())
    scenario.then(released(CD, 5), reservation_released()).then_no_timer(EXPIRY, RESERVATION)


def test_a_repeated_release_releases_nothing_twice() -> None:
    scenario = given(*HELD).when(release_stock, release())
    scenario.when(release_stock, release()).then(reservation_released())


def test_a_release_without_a_reservation_gets_a_reply() -> None:
    given(counted(CD, 5)).when(release_stock, release()).then(reservation_released())


def test_a_release_after_expiry_changes_no_stock() -> None:
    given(*HELD, expired(CD, 5), reservation_expired()).when(release_stock, release()).then(
        reservation_released()
    )


def test_a_release_after_the_sale_changes_no_stock() -> None:
    scenario = given(*HELD).when(confirm_stock, confirm(units(CD, 5)))
    scenario.when(release_stock, release()).then(reservation_released())


def test_a_reservation_expires_at_its_time() -> None:
    given(*HELD).at(EXPIRY_TIME).when(expire_reservation, RESERVATION).then(
        expired(CD, 5), reservation_expired()
    )


def test_a_reservation_does_not_expire_before_its_time() -> None:
    given(*HELD).when(expire_reservation, RESERVATION).then_nothing()


def test_a_timer_after_the_release_does_nothing() -> None:
    scenario = given(*HELD).when(release_stock, release())
    scenario.at(EXPIRY_TIME).when(expire_reservation, RESERVATION).then_nothing()


def test_a_hold_that_another_checkout_has_ended_is_not_ended_twice() -> None:
    given(*HELD, expired(CD, 5)).at(EXPIRY_TIME).when(expire_reservation, RESERVATION).then(
        reservation_expired()
    )
