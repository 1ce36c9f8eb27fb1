"""Rules for locking a cart for a checkout."""

from datetime import timedelta
from functools import partial

import pytest

from cart.carts.use_cases.index_keys import LOCK_EXPIRY
from cart.carts.use_cases.locking import lock_cart, unlock_cart
from cart.carts.use_cases.policy import Policy
from contracts import cart as contract
from contracts.envelope import Fact
from tests.support.scenario import NOW, given
from tests.unit.cart.catalogues import USUAL_CATALOGUE, FakeCatalogue, product, promotion
from tests.unit.cart.facts import (
    ATTEMPT,
    CART,
    CHECKOUT,
    LOCK_EXPIRES,
    OTHER_CHECKOUT,
    STEP,
    converted,
    created,
    discount_applied,
    expired,
    item_added,
    lock_refused,
    locked,
    repriced,
    sale,
    unlocked,
)
from tests.unit.cart.policies import DEFAULT_POLICY, policy

LOCK = contract.Lock(cart_id=CART, checkout_id=CHECKOUT, step=STEP)
OTHER_LOCK = contract.Lock(cart_id=CART, checkout_id=OTHER_CHECKOUT, step=STEP)
UNLOCK = contract.Unlock(cart_id=CART, checkout_id=CHECKOUT, step=STEP, reason="payment declined")

lock = partial(lock_cart, catalogue=USUAL_CATALOGUE, policy=DEFAULT_POLICY)
unlock = partial(unlock_cart, catalogue=USUAL_CATALOGUE)


def test_a_cart_is_locked_for_half_an_hour_with_its_totals() -> None:
    given(created(), item_added(2)).when(lock, LOCK).then(locked(frozen=sale(2))).then_timer(
        LOCK_EXPIRY, CART, LOCK_EXPIRES
    )


def test_a_lower_current_price_is_frozen() -> None:
    given(created(), item_added(2, unit_price=550)).when(lock, LOCK).then(
        repriced(550, 500), locked(frozen=sale(2, 500), shown=1100)
    )


def test_discounts_are_frozen_with_their_shares() -> None:
    catalogue = FakeCatalogue(product(), promotion())
    scenario = given(created(), item_added(2), discount_applied()).when(
        lock_cart, LOCK, catalogue, DEFAULT_POLICY
    )
    (fact,) = scenario.work.facts
    assert isinstance(fact, contract.Locked)
    (discount,) = fact.sale.discounts
    assert (discount.code, discount.amount, list(discount.allocation.values())) == ("SAVE10", 100, [100])
    assert fact.sale.totals.total == 900


def test_a_repeated_lock_is_answered_again() -> None:
    scenario = given(created(), item_added(2)).when(lock, LOCK)
    scenario.after(minutes=5).when(lock, LOCK).then(locked(frozen=sale(2), stream=ATTEMPT))


def test_the_answer_to_a_repeated_lock_does_not_lock_a_cart_that_has_been_unlocked() -> None:
    scenario = given(created(), item_added(2)).when(lock, LOCK).when(unlock, UNLOCK).when(lock, LOCK)
    scenario.then(locked(frozen=sale(2), stream=ATTEMPT))
    scenario.when(lock, OTHER_LOCK).then(locked(OTHER_CHECKOUT, frozen=sale(2)))


def test_a_lock_repeated_after_the_conversion_is_answered_with_the_frozen_cart() -> None:
    given(created(), item_added(), locked(), converted()).when(lock, LOCK).then(locked(stream=ATTEMPT))


def test_a_lock_of_an_unknown_cart_is_refused() -> None:
    given().when(lock, LOCK).then(lock_refused("CART_NOT_FOUND", "There is no such cart."))


def test_an_empty_cart_is_not_locked() -> None:
    given(created()).when(lock, LOCK).then(lock_refused("EMPTY_CART", "The cart is empty."))


@pytest.mark.parametrize(
    ("past", "status"),
    [([locked(OTHER_CHECKOUT), converted(OTHER_CHECKOUT)], "converted"), ([expired()], "expired")],
)
def test_a_converted_or_expired_cart_is_not_locked(past: list[Fact], status: str) -> None:
    given(created(), item_added(), *past).when(lock, LOCK).then(
        lock_refused("CART_NOT_ACTIVE", f"The cart is {status}.", cart_status=status)
    )


def test_a_cart_past_its_lifetime_is_not_locked_before_its_timer_fires() -> None:
    given(created(), item_added()).after(hours=72).when(lock, LOCK).then(
        lock_refused("CART_NOT_ACTIVE", "The cart is expired.", cart_status="expired")
    )


def test_a_cart_is_locked_by_one_checkout_at_a_time() -> None:
    given(created(), item_added(), locked(OTHER_CHECKOUT)).when(lock, LOCK).then(
        lock_refused("CHECKOUT_IN_PROGRESS", "Another checkout holds the cart.", held_by=OTHER_CHECKOUT)
    )


def test_an_expired_lock_is_released_for_the_next_checkout() -> None:
    past = NOW - timedelta(seconds=1)
    given(created(), item_added(), locked(OTHER_CHECKOUT, until=past)).when(lock, LOCK).then(
        unlocked(OTHER_CHECKOUT, "lock expired"), locked()
    ).then_timer(LOCK_EXPIRY, CART, LOCK_EXPIRES)


@pytest.mark.parametrize(
    ("limits", "code", "detail"),
    [
        (
            policy(min_order_amount=501),
            "MIN_ORDER_AMOUNT_NOT_MET",
            "An order in USD amounts to at least 501 minor units.",
        ),
        (
            policy(max_order_amount=499),
            "MAX_ORDER_AMOUNT_EXCEEDED",
            "An order in USD amounts to at most 499 minor units.",
        ),
    ],
)
def test_a_cart_outside_the_order_limits_is_not_locked(limits: Policy, code: str, detail: str) -> None:
    given(created(), item_added()).when(lock_cart, LOCK, USUAL_CATALOGUE, limits).then(
        lock_refused(code, detail)
    )


def test_a_cart_at_the_order_limits_is_locked() -> None:
    limits = policy(min_order_amount=500, max_order_amount=500)
    given(created(), item_added()).when(lock_cart, LOCK, USUAL_CATALOGUE, limits).then(locked())


def test_a_refused_lock_is_refused_again_in_the_same_words() -> None:
    refused = lock_refused("CHECKOUT_IN_PROGRESS", "Another checkout holds the cart.", held_by=OTHER_CHECKOUT)
    scenario = given(created(), item_added(), locked(OTHER_CHECKOUT)).when(lock, LOCK).then(refused)
    other_unlock = UNLOCK.model_copy(update={"process_id": OTHER_CHECKOUT})
    scenario.when(unlock, other_unlock).when(lock, LOCK).then(refused)


def test_a_lock_that_arrives_after_its_unlock_is_refused() -> None:
    scenario = given(created(), item_added()).when(unlock, UNLOCK).then(unlocked(stream=ATTEMPT))
    too_late = lock_refused("CART_NOT_ACTIVE", "The checkout gave the cart up before it was locked.")
    scenario.when(lock, LOCK).then(too_late)
    scenario.when(lock, LOCK).then(too_late)
