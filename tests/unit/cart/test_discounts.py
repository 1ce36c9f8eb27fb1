"""Rules for discount codes, and for the promotions that need none."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from cart.application.apply_discount import ApplyDiscount, apply_discount
from cart.application.remove_discount import RemoveDiscount, remove_discount
from cart.application.show_cart import show_cart
from cart.domain.errors import CartNotActive, DiscountAlreadyApplied, DiscountNotFound, InvalidDiscountCode
from tests.support.scenario import NOW, given
from tests.unit.cart.facts import (
    CART,
    LAMP,
    SAVE10,
    created,
    discount_applied,
    discount_removed,
    item_added,
    locked,
)
from tests.unit.cart.shelf import Shelf, product, promotion

AUTOMATIC = UUID(int=42)
SHELF = Shelf(product(), promotion())
WIDE = "".join(chr(ord(it) + 0xFEE0) for it in "SAVE10")
"""The same in letters as wide as Chinese ones."""


def applying(code: str = "SAVE10") -> ApplyDiscount:
    return ApplyDiscount(CART, code)


def test_a_code_takes_its_share_off_the_cart() -> None:
    scenario = (
        given(created(), item_added(2)).when(apply_discount, applying(), SHELF).then(discount_applied())
    )
    assert scenario.result.sale.totals.discount == 100
    assert scenario.result.sale.totals.total == 900


def test_a_code_is_the_same_however_it_is_typed() -> None:
    given(created(), item_added()).when(apply_discount, applying("  save10"), SHELF).then(discount_applied())


def test_a_code_is_applied_once() -> None:
    given(created(), item_added(), discount_applied()).when(
        apply_discount, applying("save10"), SHELF
    ).then_refused(DiscountAlreadyApplied)


@pytest.mark.parametrize("code", ["NOSUCH", "☃", " "])
def test_a_code_that_nobody_knows_is_refused(code: str) -> None:
    given(created(), item_added()).when(apply_discount, applying(code), SHELF).then_refused(
        InvalidDiscountCode, reason="unknown"
    )


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"disabled": True}, "disabled"),
        ({"starts_at": NOW + timedelta(seconds=1)}, "not_started"),
        ({"ends_at": NOW}, "expired"),
        ({"total": 3, "uses": 3}, "limit_reached"),
        ({"total": 3, "uses": 1, "held": 2}, "limit_reached"),
        ({"conditions": {"minimum_subtotal": 501}}, "conditions_not_met"),
        ({"conditions": {"product_ids": [str(LAMP)]}}, "conditions_not_met"),
        ({"kind": "fixed_amount", "value": "100", "currency": "EUR"}, "conditions_not_met"),
    ],
)
def test_a_code_that_does_not_hold_is_refused_with_its_reason(terms: dict[str, Any], reason: str) -> None:
    given(created(), item_added()).when(
        apply_discount, applying(), Shelf(product(), promotion(**terms))
    ).then_refused(InvalidDiscountCode, reason=reason)


@pytest.mark.parametrize(
    "terms",
    [
        {"starts_at": NOW},
        {"ends_at": NOW + timedelta(seconds=1)},
        {"total": 3, "uses": 2},
        {"conditions": {"minimum_subtotal": 500}},
    ],
)
def test_a_code_that_only_just_holds_is_taken(terms: dict[str, Any]) -> None:
    given(created(), item_added()).when(
        apply_discount, applying(), Shelf(product(), promotion(**terms))
    ).then(discount_applied())


def test_a_code_without_conditions_may_come_before_the_first_item() -> None:
    given(created()).when(apply_discount, applying(), SHELF).then(discount_applied())


def test_a_code_with_conditions_may_not_come_before_the_first_item() -> None:
    shelf = Shelf(product(), promotion(conditions={"minimum_subtotal": 1}))
    given(created()).when(apply_discount, applying(), shelf).then_refused(
        InvalidDiscountCode, reason="conditions_not_met"
    )


def test_a_code_whose_conditions_no_longer_hold_stays_without_effect() -> None:
    shelf = Shelf(product(), promotion(conditions={"minimum_subtotal": 1000}))
    scenario = given(created(), item_added(1), discount_applied()).when(show_cart, CART, shelf)
    assert scenario.result.sale.totals.discount == 0
    assert list(scenario.result.cart.codes.values()) == ["SAVE10"]


def test_a_code_that_was_disabled_later_has_no_effect() -> None:
    shelf = Shelf(product(), promotion(disabled=True))
    scenario = given(created(), item_added(1), discount_applied()).when(show_cart, CART, shelf)
    assert scenario.result.sale.totals.discount == 0


def test_a_code_used_up_by_others_counts_no_longer() -> None:
    shelf = Shelf(product(), promotion(total=1, uses=1))
    scenario = given(created(), item_added(1), discount_applied()).when(show_cart, CART, shelf)
    assert scenario.result.sale.totals.discount == 0
    assert scenario.result.not_applied == {SAVE10: "limit_reached"}


def test_a_code_that_is_not_on_the_cart_has_no_effect() -> None:
    scenario = given(created(), item_added(1)).when(show_cart, CART, SHELF)
    assert scenario.result.sale.totals.discount == 0


def test_a_code_is_removed() -> None:
    scenario = given(created(), item_added(), discount_applied())
    scenario.when(remove_discount, RemoveDiscount(CART, "save10"), SHELF).then(discount_removed())
    assert scenario.result.sale.totals.discount == 0


@pytest.mark.parametrize("typed", [WIDE, "save10"])
def test_a_code_from_before_wide_letters_were_told_apart_is_removed_as_it_is_shown(typed: str) -> None:
    """Otherwise one that counts no more would keep the cart from being bought."""
    scenario = given(created(), item_added(), discount_applied(WIDE))
    scenario.when(remove_discount, RemoveDiscount(CART, typed), SHELF).then(discount_removed(WIDE))


def test_only_a_code_on_the_cart_is_removed() -> None:
    given(created(), item_added()).when(remove_discount, RemoveDiscount(CART, "SAVE10"), SHELF).then_refused(
        DiscountNotFound
    )


def test_a_locked_cart_takes_no_code() -> None:
    given(created(), item_added(), locked()).when(apply_discount, applying(), SHELF).then_refused(
        CartNotActive
    )


def test_a_promotion_without_a_code_applies_by_itself() -> None:
    shelf = Shelf(product(), promotion(AUTOMATIC, code=None, value="20"))
    scenario = given(created(), item_added(1)).when(show_cart, CART, shelf)
    (discount,) = scenario.result.sale.discounts
    assert (discount.code, discount.promotion_id, discount.amount) == (None, AUTOMATIC, 100)


def test_a_promotion_without_a_code_is_skipped_when_it_is_used_up() -> None:
    shelf = Shelf(product(), promotion(AUTOMATIC, code=None, total=5, uses=5))
    scenario = given(created(), item_added(1)).when(show_cart, CART, shelf)
    assert scenario.result.sale.totals.discount == 0
