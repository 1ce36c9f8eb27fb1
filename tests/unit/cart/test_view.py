"""What callers see of a cart."""

from datetime import timedelta
from typing import Any

import pytest

from cart.adapters.http.views import view
from cart.application.create_cart import CreateCart, create_cart
from cart.application.index_keys import SESSION
from cart.application.list_carts import list_carts
from cart.application.policy import Policy
from cart.application.show_cart import show_cart
from contracts.envelope import Fact
from tests.support.scenario import NOW, Scenario, given
from tests.unit.cart.facts import (
    CART,
    LOCK_EXPIRES,
    converted,
    created,
    destination_set,
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


def test_looking_shows_todays_price_before_the_cart_has_taken_it_over() -> None:
    scenario = given(created(), item_added(unit_price=500))
    shown = seen(scenario)
    (item,) = shown["items"]
    assert (item["unit_price"]["amount"], item["previous_price"]["amount"], total(shown)) == (900, 500, 900)
    assert item["price_updated_at"] == "2026-03-01T12:00:00Z"
    scenario.then_nothing()


def test_a_list_and_the_cart_that_a_session_has_already_show_todays_price() -> None:
    past = created(), item_added(unit_price=500)
    listed = given(*past).when(list_carts, [CART], DEARER)
    assert total(dict(view(listed.result[CART], listed.now))) == 900
    again = given(*past).claimed(SESSION, "session", CART)
    again.when(create_cart, CreateCart("session", None, "USD", "standard", {}), DEARER, Policy())
    shown, is_new = again.result
    assert (total(dict(view(shown, again.now))), is_new) == (900, False)


def test_what_is_no_longer_sold_keeps_its_price_and_is_not_available() -> None:
    shelf = Shelf(product(price=900, status="archived"))
    (item,) = seen(given(created(), item_added(unit_price=500)), shelf)["items"]
    assert (item["unit_price"]["amount"], item["available"]) == (500, False)
    assert "previous_price" not in item


def test_a_price_for_another_place_is_no_change_of_the_price() -> None:
    past = item_added(unit_price=500), destination_set("DE"), repriced(500, 400, reason="destination")
    shelf = Shelf(product(price=500, elsewhere={"DE": 400}))
    shown = seen(given(created(), *past), shelf)
    (item,) = shown["items"]
    assert (item["unit_price"]["amount"], shown["destination"]) == (400, {"country": "DE"})
    assert "previous_price" not in item


def test_a_price_that_has_changed_stands_beside_the_one_before() -> None:
    (item,) = seen(given(created(), item_added(unit_price=500), repriced(500, 900)))["items"]
    assert (item["unit_price"]["amount"], item["previous_price"]["amount"]) == (900, 500)


def test_an_item_that_never_changed_has_no_price_before() -> None:
    (item,) = seen(given(created(), item_added()), CHEAPER)["items"]
    assert "previous_price" not in item
    assert item["available"] is True


def test_a_code_without_effect_is_shown_with_nothing_and_why() -> None:
    shelf = Shelf(product(), promotion(conditions={"minimum_subtotal": 1000}))
    (discount,) = seen(given(created(), item_added(), discount_applied()), shelf)["discounts"]
    assert discount == {
        "code": "SAVE10",
        "kind": "percentage",
        "amount": {"amount": 0, "currency": "USD"},
        "allocation": {},
        "status": "not_applied",
        "reason": "conditions_not_met",
    }


@pytest.mark.parametrize(
    ("shelf", "reason"),
    [
        (Shelf(product()), "unknown"),
        (Shelf(product(), promotion(starts_at=NOW + timedelta(seconds=1))), "not_started"),
        (Shelf(product(), promotion(ends_at=NOW)), "expired"),
        (Shelf(product(), promotion(disabled=True)), "disabled"),
        (Shelf(product(), promotion(total=1, uses=1)), "limit_reached"),
    ],
)
def test_a_code_that_counts_no_longer_is_shown_with_its_reason(shelf: Shelf, reason: str) -> None:
    shown = seen(given(created(), item_added(), discount_applied()), shelf)
    (discount,) = shown["discounts"]
    assert (discount["status"], discount["reason"], total(shown)) == ("not_applied", reason, 500)
