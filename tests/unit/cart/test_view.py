"""What callers see of a cart."""

from typing import Any

import pytest

from cart.adapters.http.views import view
from cart.application.show_cart import show_cart
from contracts.envelope import Fact
from tests.support.scenario import Scenario, given
from tests.unit.cart.facts import (
    CART,
    LOCK_EXPIRES,
    converted,
    created,
    discount_applied,
    item_added,
    item_removed,
    locked,
    repriced,
    unlocked,
)
from tests.unit.cart.shelf import Shelf, product, promotion

DEARER = Shelf(product(price=900), promotion())
CHEAPER = Shelf(product(), promotion(code=None))


def seen(scenario: Scenario, shelf: Shelf = DEARER) -> dict[str, Any]:
    scenario.when(show_cart, CART, shelf)
    return dict(view(scenario.result, scenario.now))


def total(shown: dict[str, Any]) -> int:
    amount: int = shown["totals"]["total"]["amount"]
    return amount


@pytest.mark.parametrize("since", [[], [converted()]])
def test_what_a_checkout_has_frozen_is_shown_as_it_was_frozen(since: list[Fact]) -> None:
    assert total(seen(given(created(), item_added(), locked(), *since), CHEAPER)) == 500


def test_a_lock_whose_time_has_passed_freezes_nothing() -> None:
    shown = seen(given(created(), item_added(), locked()).at(LOCK_EXPIRES), CHEAPER)
    assert (shown["status"], total(shown)) == ("active", 450)


def test_a_sold_cart_shows_what_was_sold_though_its_customer_had_gone_on() -> None:
    lapsed = unlocked(reason="lock expired")
    shown = seen(given(created(), item_added(), locked(), lapsed, item_removed(), converted()))
    assert [it["quantity"] for it in shown["items"]] == [1]
    assert total(shown) == 500


def test_looking_changes_no_price() -> None:
    shown = seen(given(created(), item_added(unit_price=500)))
    assert total(shown) == 500


def test_a_price_that_has_changed_stands_beside_the_one_before() -> None:
    (item,) = seen(given(created(), item_added(unit_price=500), repriced(500, 900)))["items"]
    assert (item["unit_price"]["amount"], item["previous_price"]["amount"]) == (900, 500)


def test_an_item_that_never_changed_has_no_price_before() -> None:
    (item,) = seen(given(created(), item_added()))["items"]
    assert "previous_price" not in item


def test_a_code_without_effect_is_shown_with_nothing() -> None:
    shelf = Shelf(product(), promotion(conditions={"minimum_subtotal": 1000}))
    (discount,) = seen(given(created(), item_added(), discount_applied()), shelf)["discounts"]
    assert discount == {
        "code": "SAVE10",
        "kind": "percentage",
        "amount": {"amount": 0, "currency": "USD"},
        "allocation": {},
    }
