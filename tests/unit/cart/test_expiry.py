"""Rules for carts and locks whose time has passed."""

from functools import partial

from cart.application.add_item import AddItem, add_item
from cart.application.expire_cart import expire_cart
from cart.application.index_keys import LOCK_EXPIRY, SESSION
from cart.application.unlock_cart import unlock_cart
from contracts import cart as contract
from tests.support.scenario import given
from tests.unit.cart.facts import (
    CART,
    CHECKOUT,
    EXPIRES,
    LOCK_EXPIRES,
    MUG,
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
from tests.unit.cart.shelf import USUAL

UNLOCK = contract.Unlock(cart_id=CART, checkout_id=CHECKOUT, step=STEP, reason="cancelled")
LAPSED = unlocked(reason="lock expired")


def test_a_cart_that_nobody_buys_expires_after_72_hours_and_frees_its_session() -> None:
    scenario = given(created(), item_added()).claimed(SESSION, "session", CART)
    scenario.at(EXPIRES).when(expire_cart, CART, USUAL).then(expired()).then_holds(SESSION, "session", None)


def test_nothing_expires_before_its_time() -> None:
    given(created(), item_added(), locked()).when(expire_cart, CART, USUAL).then_nothing()


def test_a_cart_expires_once() -> None:
    given(created(), expired()).at(EXPIRES).when(expire_cart, CART, USUAL).then_nothing()


def test_a_sold_cart_does_not_expire() -> None:
    given(created(), item_added(), locked(), converted()).at(EXPIRES).when(
        expire_cart, CART, USUAL
    ).then_nothing()


def test_a_cart_in_the_hands_of_a_checkout_does_not_expire() -> None:
    past = created(), item_added(), locked(until=EXPIRES.replace(minute=30))
    given(*past).at(EXPIRES).when(expire_cart, CART, USUAL).then_nothing()


def test_a_checkout_that_is_too_slow_loses_the_cart() -> None:
    given(created(), item_added(), locked()).at(LOCK_EXPIRES).when(expire_cart, CART, USUAL).then(LAPSED)


def test_a_cart_that_its_checkout_has_lost_takes_over_what_has_changed_meanwhile() -> None:
    scenario = given(created(), item_added(unit_price=450), locked()).at(LOCK_EXPIRES)
    scenario.when(expire_cart, CART, USUAL).then(LAPSED, repriced(450, 500))


def test_a_cart_that_was_not_given_back_is_not_repriced_by_its_timer() -> None:
    given(created(), item_added(unit_price=450)).when(expire_cart, CART, USUAL).then_nothing()


def test_a_cart_whose_time_has_passed_as_well_expires_with_the_lock() -> None:
    given(created(), item_added(), locked(until=EXPIRES)).at(EXPIRES).when(expire_cart, CART, USUAL).then(
        LAPSED, expired()
    )


def test_the_customer_need_not_wait_for_the_timer() -> None:
    given(created(), item_added(), locked()).at(LOCK_EXPIRES).when(
        add_item, AddItem(CART, MUG, 1, {}), USUAL
    ).then(LAPSED, item_added()).then_no_timer(LOCK_EXPIRY, CART)


def test_giving_back_a_lock_that_has_lapsed_is_answered_and_changes_nothing() -> None:
    unlock = partial(unlock_cart, catalogue=USUAL)
    given(created(), item_added(), locked(), LAPSED).when(unlock, UNLOCK).then(
        unlocked(reason="cancelled", stream=REQUEST)
    )
