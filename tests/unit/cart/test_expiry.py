"""Rules for the expiry of carts and of their locks."""

from functools import partial

from cart.carts.use_cases.expiry import expire_cart
from cart.carts.use_cases.index_keys import LOCK_EXPIRY, SESSION
from cart.carts.use_cases.locking import unlock_cart
from cart.carts.use_cases.shopping import AddItem, add_item
from contracts import cart as contract
from tests.support.scenario import given
from tests.unit.cart.catalogues import USUAL_CATALOGUE
from tests.unit.cart.facts import (
    ATTEMPT,
    CART,
    CHECKOUT,
    EXPIRES,
    LOCK_EXPIRES,
    MUG,
    STEP,
    converted,
    created,
    expired,
    item_added,
    locked,
    repriced,
    unlocked,
)
from tests.unit.cart.policies import DEFAULT_POLICY

UNLOCK = contract.Unlock(cart_id=CART, checkout_id=CHECKOUT, step=STEP, reason="cancelled")
LOCK_EXPIRED = unlocked(reason="lock expired")


def test_a_cart_expires_after_72_hours_and_releases_its_session() -> None:
    scenario = given(created(), item_added()).claimed(SESSION, "session", CART)
    scenario.at(EXPIRES).when(expire_cart, CART, USUAL_CATALOGUE, DEFAULT_POLICY).then(expired()).then_holds(
        SESSION, "session", None
    )


def test_nothing_expires_before_its_time() -> None:
    given(created(), item_added(), locked()).when(
        expire_cart, CART, USUAL_CATALOGUE, DEFAULT_POLICY
    ).then_nothing()


def test_a_cart_expires_once() -> None:
    given(created(), expired()).at(EXPIRES).when(
        expire_cart, CART, USUAL_CATALOGUE, DEFAULT_POLICY
    ).then_nothing()


def test_a_converted_cart_does_not_expire() -> None:
    given(created(), item_added(), locked(), converted()).at(EXPIRES).when(
        expire_cart, CART, USUAL_CATALOGUE, DEFAULT_POLICY
    ).then_nothing()


def test_a_locked_cart_does_not_expire() -> None:
    past = created(), item_added(), locked(until=EXPIRES.replace(minute=30))
    given(*past).at(EXPIRES).when(expire_cart, CART, USUAL_CATALOGUE, DEFAULT_POLICY).then_nothing()


def test_a_lock_ends_at_its_expiry() -> None:
    given(created(), item_added(), locked()).at(LOCK_EXPIRES).when(
        expire_cart, CART, USUAL_CATALOGUE, DEFAULT_POLICY
    ).then(LOCK_EXPIRED)


def test_a_cart_whose_lock_has_expired_records_the_current_prices() -> None:
    scenario = given(created(), item_added(unit_price=450), locked()).at(LOCK_EXPIRES)
    scenario.when(expire_cart, CART, USUAL_CATALOGUE, DEFAULT_POLICY).then(LOCK_EXPIRED, repriced(450, 500))


def test_a_cart_without_an_expired_lock_is_not_repriced_by_its_timer() -> None:
    given(created(), item_added(unit_price=450)).when(
        expire_cart, CART, USUAL_CATALOGUE, DEFAULT_POLICY
    ).then_nothing()


def test_an_overdue_cart_expires_together_with_its_lock() -> None:
    given(created(), item_added(), locked(until=EXPIRES)).at(EXPIRES).when(
        expire_cart, CART, USUAL_CATALOGUE, DEFAULT_POLICY
    ).then(LOCK_EXPIRED, expired())


def test_a_request_releases_an_expired_lock_before_the_timer_does() -> None:
    given(created(), item_added(), locked()).at(LOCK_EXPIRES).when(
        add_item, AddItem(CART, MUG, 1, {}), USUAL_CATALOGUE
    ).then(LOCK_EXPIRED, item_added()).then_no_timer(LOCK_EXPIRY, CART)


def test_an_unlock_after_the_locks_expiry_is_answered_and_changes_nothing() -> None:
    unlock = partial(unlock_cart, catalogue=USUAL_CATALOGUE)
    given(created(), item_added(), locked(), LOCK_EXPIRED).when(unlock, UNLOCK).then(
        unlocked(reason="cancelled", stream=ATTEMPT)
    )
