"""Rules for holding a cart while its payment is captured."""

from cart.carts.domain.lock_attempt import lock_attempt_id
from cart.carts.use_cases.index_keys import LOCK_EXPIRY
from cart.carts.use_cases.locking import convert_cart, hold_cart, lock_cart
from cart.flows.use_cases.endings import complete_flows
from contracts import cart as contract
from contracts.envelope import Fact
from tests.support.scenario import given, stamp
from tests.unit.cart.catalogues import USUAL_CATALOGUE
from tests.unit.cart.facts import (
    CART,
    CHECKOUT,
    ORDER,
    OTHER_CHECKOUT,
    converted,
    created,
    held,
    item_added,
    lock_refused,
    locked,
    unlocked,
)
from tests.unit.cart.policies import DEFAULT_POLICY

HOLD = contract.Hold(cart_id=CART, checkout_id=CHECKOUT, step="capture_payment")
NEXT = contract.Lock(cart_id=CART, checkout_id=OTHER_CHECKOUT, step="lock_cart")


def refused(status: str) -> Fact:
    attempt = stamp(lock_attempt_id(CHECKOUT))
    return contract.HoldRefused(**attempt, checkout_id=CHECKOUT, step="capture_payment", cart_status=status)


def test_a_held_lock_does_not_expire() -> None:
    scenario = given(created(), item_added(), locked()).when(hold_cart, HOLD).then(held())
    scenario.then_no_timer(LOCK_EXPIRY, CART)
    later = scenario.after(hours=48).when(lock_cart, NEXT, USUAL_CATALOGUE, DEFAULT_POLICY)
    later.then(
        lock_refused(
            "CHECKOUT_IN_PROGRESS",
            "Another checkout holds the cart.",
            checkout_id=OTHER_CHECKOUT,
            held_by=CHECKOUT,
        )
    )


def test_a_held_cart_is_converted_however_late() -> None:
    close = contract.Convert(cart_id=CART, checkout_id=CHECKOUT, step="complete", order_id=ORDER)
    given(created(), item_added(), locked(), held()).after(hours=48).when(
        convert_cart, close, complete_flows
    ).then(converted())


def test_a_repeated_hold_is_answered_again() -> None:
    given(created(), item_added(), locked(), held()).when(hold_cart, HOLD).then(held())


def test_a_cart_that_the_checkout_no_longer_holds_is_refused() -> None:
    given(created(), item_added(), locked(), unlocked()).when(hold_cart, HOLD).then(refused("active"))
    given(created(), item_added(), locked(OTHER_CHECKOUT)).when(hold_cart, HOLD).then(refused("locked"))
