"""The response body of a cart."""

from datetime import timedelta
from typing import Any

import pytest

from cart.carts.schemas.views import view
from cart.carts.use_cases.index_keys import SESSION
from cart.carts.use_cases.shopping import CreateCart, create_cart, list_carts, show_cart
from contracts.envelope import Fact
from tests.support.scenario import NOW, Scenario, given
from tests.unit.cart.catalogues import FakeCatalogue, product, promotion
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
from tests.unit.cart.policies import DEFAULT_POLICY

DEARER = FakeCatalogue(product(price=900), promotion())
CHEAPER = FakeCatalogue(product(), promotion(code=None))


def read(scenario: Scenario, catalogue: FakeCatalogue = DEARER) -> dict[str, Any]:
    scenario.when(show_cart, CART, catalogue)
    return dict(view(scenario.result, scenario.now))


def total(body: dict[str, Any]) -> int:
    amount: int = body["totals"]["total"]["amount"]
    return amount


@pytest.mark.parametrize("since", [[], [converted()]])
def test_a_locked_or_converted_cart_keeps_the_totals_of_its_lock(since: list[Fact]) -> None:
    assert total(read(given(created(), item_added(), locked(), *since), CHEAPER)) == 500


def test_an_expired_lock_freezes_nothing() -> None:
    body = read(given(created(), item_added(), locked()).at(LOCK_EXPIRES), CHEAPER)
    assert (body["status"], total(body)) == ("active", 450)


def test_a_converted_cart_shows_the_items_of_its_lock_not_later_changes() -> None:
    lapsed = unlocked(reason="lock expired")
    body = read(given(created(), item_added(), locked(), lapsed, item_removed(), converted()))
    assert [it["quantity"] for it in body["items"]] == [1]
    assert total(body) == 500


def test_a_read_shows_the_current_price_before_the_cart_has_recorded_it() -> None:
    scenario = given(created(), item_added(unit_price=500))
    body = read(scenario)
    (item,) = body["items"]
    assert (item["unit_price"]["amount"], item["previous_price"]["amount"], total(body)) == (900, 500, 900)
    assert item["price_updated_at"] == "2026-03-01T12:00:00Z"
    scenario.then_nothing()


def test_a_list_and_a_repeated_creation_show_the_current_price() -> None:
    past = created(), item_added(unit_price=500)
    listed = given(*past).when(list_carts, [CART], DEARER)
    assert total(dict(view(listed.result[0], listed.now))) == 900
    again = given(*past).claimed(SESSION, "session", CART)
    again.when(create_cart, CreateCart("session", None, "USD", "standard", {}), DEARER, DEFAULT_POLICY)
    body, is_new = again.result
    assert (total(dict(view(body, again.now))), is_new) == (900, False)


def test_a_product_no_longer_on_sale_keeps_its_price_and_is_not_available() -> None:
    catalogue = FakeCatalogue(product(price=900, status="archived"))
    (item,) = read(given(created(), item_added(unit_price=500)), catalogue)["items"]
    assert (item["unit_price"]["amount"], item["available"]) == (500, False)
    assert "previous_price" not in item


def test_the_price_of_another_destination_is_not_a_price_change() -> None:
    past = item_added(unit_price=500), destination_set("DE"), repriced(500, 400, reason="destination")
    catalogue = FakeCatalogue(product(price=500, elsewhere={"DE": 400}))
    body = read(given(created(), *past), catalogue)
    (item,) = body["items"]
    assert (item["unit_price"]["amount"], body["destination"]) == (400, {"country": "DE"})
    assert "previous_price" not in item


def test_a_changed_price_is_shown_with_the_previous_one() -> None:
    (item,) = read(given(created(), item_added(unit_price=500), repriced(500, 900)))["items"]
    assert (item["unit_price"]["amount"], item["previous_price"]["amount"]) == (900, 500)


def test_an_unchanged_price_has_no_previous_one() -> None:
    (item,) = read(given(created(), item_added()), CHEAPER)["items"]
    assert "previous_price" not in item
    assert item["available"] is True


def test_a_code_without_effect_is_shown_with_amount_zero_and_its_reason() -> None:
    catalogue = FakeCatalogue(product(), promotion(conditions={"minimum_subtotal": 1000}))
    (discount,) = read(given(created(), item_added(), discount_applied()), catalogue)["discounts"]
    assert discount == {
        "code": "SAVE10",
        "kind": "percentage",
        "amount": {"amount": 0, "currency": "USD"},
        "allocation": {},
        "status": "not_applied",
        "reason": "conditions_not_met",
    }


@pytest.mark.parametrize(
    ("catalogue", "reason"),
    [
        (FakeCatalogue(product()), "unknown"),
        (FakeCatalogue(product(), promotion(starts_at=NOW + timedelta(seconds=1))), "not_started"),
        (FakeCatalogue(product(), promotion(ends_at=NOW)), "expired"),
        (FakeCatalogue(product(), promotion(disabled=True)), "disabled"),
        (FakeCatalogue(product(), promotion(total=1, uses=1)), "limit_reached"),
    ],
)
def test_a_code_that_has_become_unusable_is_shown_with_its_reason(
    catalogue: FakeCatalogue, reason: str
) -> None:
    body = read(given(created(), item_added(), discount_applied()), catalogue)
    (discount,) = body["discounts"]
    assert (discount["status"], discount["reason"], total(body)) == ("not_applied", reason, 500)
