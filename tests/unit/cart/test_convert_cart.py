"""Rules for closing a cart that has become an order."""

import pytest

from cart.application.convert_cart import convert_cart
from cart.application.index_keys import CART_EXPIRY, LOCK_EXPIRY, SESSION
from contracts import cart as contract
from contracts.envelope import Fact
from tests.support.scenario import given
from tests.unit.cart.facts import (
    CART,
    CHECKOUT,
    ORDER,
    OTHER_CHECKOUT,
    REQUEST,
    conversion_refused,
    converted,
    created,
    expired,
    item_added,
    locked,
    unlocked,
)

CONVERT = contract.Convert(cart_id=CART, checkout_id=CHECKOUT, step="complete", order_id=ORDER)


def test_the_checkout_that_holds_a_cart_closes_it() -> None:
    scenario = given(created(), item_added(), locked()).claimed(SESSION, "session", CART)
    scenario.when(convert_cart, CONVERT).then(converted())
    scenario.then_holds(SESSION, "session", None)
    scenario.then_no_timer(CART_EXPIRY, CART).then_no_timer(LOCK_EXPIRY, CART)


def test_closing_again_is_answered_again() -> None:
    scenario = given(created(), item_added(), locked()).when(convert_cart, CONVERT)
    scenario.when(convert_cart, CONVERT).then(converted(stream=REQUEST))


@pytest.mark.parametrize("since", [[unlocked(reason="lock expired")], [unlocked(), expired()]])
def test_a_checkout_that_has_lost_its_lock_still_closes_what_nobody_else_holds(since: list[Fact]) -> None:
    given(created(), item_added(), locked(), *since).when(convert_cart, CONVERT).then(converted())


def test_the_next_cart_of_the_session_is_not_disturbed_by_a_late_closing() -> None:
    scenario = given(created(), item_added(), locked(), unlocked(), expired())
    scenario.claimed(SESSION, "session", OTHER_CHECKOUT)
    scenario.when(convert_cart, CONVERT).then_holds(SESSION, "session", OTHER_CHECKOUT)


@pytest.mark.parametrize(
    ("past", "refusal"),
    [
        ([], conversion_refused("CART_NOT_FOUND", "there is no such cart")),
        (
            [created(), item_added()],
            conversion_refused("CART_NOT_ACTIVE", "the checkout never held this cart", cart_status="active"),
        ),
        (
            [created(), item_added(), locked(), unlocked(), locked(OTHER_CHECKOUT)],
            conversion_refused(
                "CHECKOUT_IN_PROGRESS", "another checkout holds the cart", held_by=OTHER_CHECKOUT
            ),
        ),
        (
            [
                created(),
                item_added(),
                locked(),
                unlocked(),
                locked(OTHER_CHECKOUT),
                converted(OTHER_CHECKOUT),
            ],
            conversion_refused(
                "CART_NOT_ACTIVE", "another checkout has bought this cart", cart_status="converted"
            ),
        ),
    ],
)
def test_what_is_not_the_checkouts_is_not_closed_and_a_repetition_hears_the_same(
    past: list[Fact], refusal: Fact
) -> None:
    given(*past).when(convert_cart, CONVERT).then(refusal).when(convert_cart, CONVERT).then(refusal)
