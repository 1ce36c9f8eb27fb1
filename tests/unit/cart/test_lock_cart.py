"""Rules for freezing a cart for a checkout."""

from datetime import timedelta
from functools import partial

import pytest

from cart.application.index_keys import LOCK_EXPIRY
from cart.application.lock_cart import lock_cart
from cart.application.policy import Policy
from cart.application.unlock_cart import unlock_cart
from contracts import cart as contract
from contracts.envelope import Fact
from tests.support.scenario import NOW, given
from tests.unit.cart.facts import (
    CART,
    CHECKOUT,
    LOCK_EXPIRES,
    OTHER_CHECKOUT,
    REQUEST,
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
from tests.unit.cart.shelf import USUAL, Shelf, product, promotion

LOCK = contract.Lock(cart_id=CART, checkout_id=CHECKOUT, step=STEP)
OTHER_LOCK = contract.Lock(cart_id=CART, checkout_id=OTHER_CHECKOUT, step=STEP)
UNLOCK = contract.Unlock(cart_id=CART, checkout_id=CHECKOUT, step=STEP, reason="payment declined")

lock = partial(lock_cart, catalogue=USUAL, policy=Policy())
unlock = partial(unlock_cart, catalogue=USUAL)


def test_a_cart_is_frozen_for_half_an_hour_with_what_it_costs() -> None:
    given(created(), item_added(2)).when(lock, LOCK).then(locked(frozen=sale(2))).then_timer(
        LOCK_EXPIRY, CART, LOCK_EXPIRES
    )


def test_a_cheaper_price_of_today_is_frozen() -> None:
    given(created(), item_added(2, unit_price=550)).when(lock, LOCK).then(
        repriced(550, 500), locked(frozen=sale(2, 500), shown=1100)
    )


def test_discounts_are_frozen_with_their_shares() -> None:
    shelf = Shelf(product(), promotion())
    scenario = given(created(), item_added(2), discount_applied()).when(lock_cart, LOCK, shelf, Policy())
    (fact,) = scenario.work.facts
    assert isinstance(fact, contract.Locked)
    (discount,) = fact.sale.discounts
    assert (discount.code, discount.amount, list(discount.allocation.values())) == ("SAVE10", 100, [100])
    assert fact.sale.totals.total == 900


def test_a_lock_that_is_asked_for_again_is_answered_again() -> None:
    scenario = given(created(), item_added(2)).when(lock, LOCK)
    scenario.after(minutes=5).when(lock, LOCK).then(locked(frozen=sale(2), stream=REQUEST))


def test_an_answer_to_a_repetition_does_not_lock_a_cart_that_was_given_back() -> None:
    scenario = given(created(), item_added(2)).when(lock, LOCK).when(unlock, UNLOCK).when(lock, LOCK)
    scenario.then(locked(frozen=sale(2), stream=REQUEST))
    scenario.when(lock, OTHER_LOCK).then(locked(OTHER_CHECKOUT, frozen=sale(2)))


def test_a_repetition_after_the_sale_is_answered_with_the_frozen_cart() -> None:
    given(created(), item_added(), locked(), converted()).when(lock, LOCK).then(locked(stream=REQUEST))


def test_there_must_be_such_a_cart() -> None:
    given().when(lock, LOCK).then(lock_refused("CART_NOT_FOUND", "there is no such cart"))


def test_an_empty_cart_is_not_sold() -> None:
    given(created()).when(lock, LOCK).then(lock_refused("EMPTY_CART", "there is nothing in the cart"))


@pytest.mark.parametrize(
    ("past", "status"),
    [([locked(OTHER_CHECKOUT), converted(OTHER_CHECKOUT)], "converted"), ([expired()], "expired")],
)
def test_a_cart_is_sold_once_and_in_time(past: list[Fact], status: str) -> None:
    given(created(), item_added(), *past).when(lock, LOCK).then(
        lock_refused("CART_NOT_ACTIVE", f"the cart is {status}", cart_status=status)
    )


def test_a_cart_whose_time_has_passed_is_not_sold_though_its_timer_has_not_fired() -> None:
    given(created(), item_added()).after(hours=72).when(lock, LOCK).then(
        lock_refused("CART_NOT_ACTIVE", "the cart is expired", cart_status="expired")
    )


def test_one_checkout_at_a_time() -> None:
    given(created(), item_added(), locked(OTHER_CHECKOUT)).when(lock, LOCK).then(
        lock_refused("CHECKOUT_IN_PROGRESS", "another checkout holds the cart", held_by=OTHER_CHECKOUT)
    )


def test_a_lock_whose_time_has_passed_makes_room_for_the_next_checkout() -> None:
    past = NOW - timedelta(seconds=1)
    given(created(), item_added(), locked(OTHER_CHECKOUT, until=past)).when(lock, LOCK).then(
        unlocked(OTHER_CHECKOUT, "lock expired"), locked()
    ).then_timer(LOCK_EXPIRY, CART, LOCK_EXPIRES)


@pytest.mark.parametrize(
    ("policy", "code", "detail"),
    [
        (
            Policy(min_order_amount=501),
            "MIN_ORDER_AMOUNT_NOT_MET",
            "an order in USD amounts to at least 501 minor units",
        ),
        (
            Policy(max_order_amount=499),
            "MAX_ORDER_AMOUNT_EXCEEDED",
            "an order in USD amounts to at most 499 minor units",
        ),
    ],
)
def test_an_order_is_neither_too_small_nor_too_large(policy: Policy, code: str, detail: str) -> None:
    given(created(), item_added()).when(lock_cart, LOCK, USUAL, policy).then(lock_refused(code, detail))


def test_an_order_may_reach_both_limits() -> None:
    policy = Policy(min_order_amount=500, max_order_amount=500)
    given(created(), item_added()).when(lock_cart, LOCK, USUAL, policy).then(locked())


def test_a_refusal_is_the_answer_to_every_repetition() -> None:
    refused = lock_refused("CHECKOUT_IN_PROGRESS", "another checkout holds the cart", held_by=OTHER_CHECKOUT)
    scenario = given(created(), item_added(), locked(OTHER_CHECKOUT)).when(lock, LOCK).then(refused)
    other_unlock = UNLOCK.model_copy(update={"process_id": OTHER_CHECKOUT})
    scenario.when(unlock, other_unlock).when(lock, LOCK).then(refused)


def test_a_lock_that_was_undone_before_it_came_is_refused() -> None:
    scenario = given(created(), item_added()).when(unlock, UNLOCK).then(unlocked(stream=REQUEST))
    too_late = lock_refused("CART_NOT_ACTIVE", "the checkout gave the cart up before it asked for it")
    scenario.when(lock, LOCK).then(too_late)
    scenario.when(lock, LOCK).then(too_late)
