"""Rules for giving a cart back to its customer."""

from functools import partial

from cart.application.index_keys import LOCK_EXPIRY, SESSION
from cart.application.unlock_cart import unlock_cart
from contracts import cart as contract
from tests.support.scenario import given
from tests.unit.cart.facts import (
    CART,
    CHECKOUT,
    EXPIRES,
    OTHER_CHECKOUT,
    REQUEST,
    STEP,
    converted,
    created,
    expired,
    item_added,
    locked,
    repriced,
    unlocked,
)
from tests.unit.cart.shelf import USUAL, Shelf, product

UNLOCK = contract.Unlock(cart_id=CART, checkout_id=CHECKOUT, step=STEP, reason="payment declined")
unlock = partial(unlock_cart, catalogue=USUAL)


def test_the_checkout_that_holds_a_cart_gives_it_back() -> None:
    given(created(), item_added(), locked()).when(unlock, UNLOCK).then(unlocked()).then_no_timer(
        LOCK_EXPIRY, CART
    )


def test_a_cart_that_comes_back_takes_over_todays_prices() -> None:
    given(created(), item_added(), locked()).when(unlock_cart, UNLOCK, Shelf(product(price=600))).then(
        unlocked(), repriced(500, 600)
    )


def test_giving_back_again_is_answered_again_and_changes_nothing() -> None:
    scenario = given(created(), item_added(), locked()).when(unlock, UNLOCK)
    scenario.when(unlock, UNLOCK).then(unlocked(stream=REQUEST))
    scenario.when(unlock, UNLOCK).then(unlocked(stream=REQUEST))


def test_a_cart_that_was_never_held_is_given_back_all_the_same() -> None:
    given(created(), item_added()).when(unlock, UNLOCK).then(unlocked(stream=REQUEST))


def test_a_cart_that_does_not_exist_is_given_back_all_the_same() -> None:
    given().when(unlock, UNLOCK).then(unlocked(stream=REQUEST))


def test_nobody_gives_back_what_another_holds() -> None:
    scenario = given(created(), item_added(), locked(OTHER_CHECKOUT)).when(unlock, UNLOCK)
    scenario.then(unlocked(stream=REQUEST))


def test_a_sold_cart_is_not_given_back() -> None:
    given(created(), item_added(), locked(), converted()).when(unlock, UNLOCK).then(unlocked(stream=REQUEST))


def test_a_cart_whose_time_has_passed_under_the_lock_expires_when_it_comes_back() -> None:
    scenario = given(created(), item_added(), locked(until=EXPIRES)).claimed(SESSION, "session", CART)
    scenario.at(EXPIRES).when(unlock, UNLOCK).then(unlocked(), expired()).then_holds(SESSION, "session", None)
