"""Rules for unlocking a cart."""

from functools import partial

from cart.carts.use_cases.index_keys import LOCK_EXPIRY, SESSION
from cart.carts.use_cases.locking import unlock_cart
from contracts import cart as contract
from tests.support.scenario import given
from tests.unit.cart.catalogues import USUAL_CATALOGUE, FakeCatalogue, product
from tests.unit.cart.facts import (
    ATTEMPT,
    CART,
    CHECKOUT,
    EXPIRES,
    OTHER_CHECKOUT,
    STEP,
    converted,
    created,
    expired,
    item_added,
    locked,
    repriced,
    unlocked,
)

UNLOCK = contract.Unlock(cart_id=CART, checkout_id=CHECKOUT, step=STEP, reason="payment declined")
unlock = partial(unlock_cart, catalogue=USUAL_CATALOGUE)


def test_the_checkout_that_holds_a_cart_unlocks_it() -> None:
    given(created(), item_added(), locked()).when(unlock, UNLOCK).then(unlocked()).then_no_timer(
        LOCK_EXPIRY, CART
    )


def test_an_unlocked_cart_records_the_current_prices() -> None:
    given(created(), item_added(), locked()).when(
        unlock_cart, UNLOCK, FakeCatalogue(product(price=600))
    ).then(unlocked(), repriced(500, 600))


def test_a_repeated_unlock_is_answered_again_and_changes_nothing() -> None:
    scenario = given(created(), item_added(), locked()).when(unlock, UNLOCK)
    scenario.when(unlock, UNLOCK).then(unlocked(stream=ATTEMPT))
    scenario.when(unlock, UNLOCK).then(unlocked(stream=ATTEMPT))


def test_the_unlock_of_a_cart_that_was_never_locked_is_answered() -> None:
    given(created(), item_added()).when(unlock, UNLOCK).then(unlocked(stream=ATTEMPT))


def test_the_unlock_of_an_unknown_cart_is_answered() -> None:
    given().when(unlock, UNLOCK).then(unlocked(stream=ATTEMPT))


def test_a_checkout_does_not_unlock_another_checkouts_cart() -> None:
    scenario = given(created(), item_added(), locked(OTHER_CHECKOUT)).when(unlock, UNLOCK)
    scenario.then(unlocked(stream=ATTEMPT))


def test_a_converted_cart_is_not_unlocked() -> None:
    given(created(), item_added(), locked(), converted()).when(unlock, UNLOCK).then(unlocked(stream=ATTEMPT))


def test_a_cart_past_its_lifetime_expires_when_it_is_unlocked() -> None:
    scenario = given(created(), item_added(), locked(until=EXPIRES)).claimed(SESSION, "session", CART)
    scenario.at(EXPIRES).when(unlock, UNLOCK).then(unlocked(), expired()).then_holds(SESSION, "session", None)
