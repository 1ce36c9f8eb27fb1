"""Rules for converting a cart that has become an order."""

import pytest

from cart.carts.use_cases.index_keys import CART_EXPIRY, LOCK_EXPIRY, SESSION
from cart.carts.use_cases.locking import convert_cart
from cart.flows.use_cases.endings import complete_flows
from contracts import cart as contract
from contracts.envelope import Fact
from tests.support.scenario import given
from tests.unit.cart.facts import (
    ATTEMPT,
    CART,
    CHECKOUT,
    ORDER,
    OTHER_CHECKOUT,
    conversion_refused,
    converted,
    created,
    expired,
    item_added,
    locked,
    unlocked,
)

CONVERT = contract.Convert(cart_id=CART, checkout_id=CHECKOUT, step="complete", order_id=ORDER)


def test_the_checkout_that_holds_a_cart_converts_it() -> None:
    scenario = given(created(), item_added(), locked()).claimed(SESSION, "session", CART)
    scenario.when(convert_cart, CONVERT, complete_flows).then(converted())
    scenario.then_holds(SESSION, "session", None)
    scenario.then_no_timer(CART_EXPIRY, CART).then_no_timer(LOCK_EXPIRY, CART)


def test_a_repeated_conversion_is_answered_again() -> None:
    scenario = given(created(), item_added(), locked()).when(convert_cart, CONVERT, complete_flows)
    scenario.when(convert_cart, CONVERT, complete_flows).then(converted(stream=ATTEMPT))


@pytest.mark.parametrize("since", [[unlocked(reason="lock expired")], [unlocked(), expired()]])
def test_a_checkout_whose_lock_has_ended_still_converts_a_cart_that_no_other_checkout_holds(
    since: list[Fact],
) -> None:
    given(created(), item_added(), locked(), *since).when(convert_cart, CONVERT, complete_flows).then(
        converted()
    )


def test_a_late_conversion_leaves_the_sessions_next_cart_alone() -> None:
    scenario = given(created(), item_added(), locked(), unlocked(), expired())
    scenario.claimed(SESSION, "session", OTHER_CHECKOUT)
    scenario.when(convert_cart, CONVERT, complete_flows).then_holds(SESSION, "session", OTHER_CHECKOUT)


@pytest.mark.parametrize(
    ("past", "refusal"),
    [
        ([], conversion_refused("CART_NOT_FOUND", "There is no such cart.")),
        (
            [created(), item_added()],
            conversion_refused("CART_NOT_ACTIVE", "The checkout never held this cart.", cart_status="active"),
        ),
        (
            [created(), item_added(), locked(), unlocked(), locked(OTHER_CHECKOUT)],
            conversion_refused(
                "CHECKOUT_IN_PROGRESS", "Another checkout holds the cart.", held_by=OTHER_CHECKOUT
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
                "CART_NOT_ACTIVE", "Another checkout has bought this cart.", cart_status="converted"
            ),
        ),
    ],
)
def test_a_conversion_by_another_checkout_is_refused_and_its_repetition_in_the_same_words(
    past: list[Fact], refusal: Fact
) -> None:
    given(*past).when(convert_cart, CONVERT, complete_flows).then(refusal).when(
        convert_cart, CONVERT, complete_flows
    ).then(refusal)
