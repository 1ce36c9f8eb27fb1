"""Rules for discount codes and automatic promotions."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from cart.carts.domain.errors import (
    CartNotActive,
    DiscountAlreadyApplied,
    DiscountNotFound,
    InvalidDiscountCode,
)
from cart.carts.use_cases.discounts import ApplyDiscount, RemoveDiscount, apply_discount, remove_discount
from cart.carts.use_cases.shopping import show_cart
from tests.support.scenario import NOW, given
from tests.unit.cart.catalogues import FakeCatalogue, product, promotion
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

AUTOMATIC = UUID(int=42)
CATALOGUE = FakeCatalogue(product(), promotion())
WIDE = "".join(chr(ord(it) + 0xFEE0) for it in "SAVE10")
"""The same code in full-width letters."""


def applying(code: str = "SAVE10") -> ApplyDiscount:
    return ApplyDiscount(CART, code)


def test_a_code_discounts_the_cart() -> None:
    scenario = (
        given(created(), item_added(2)).when(apply_discount, applying(), CATALOGUE).then(discount_applied())
    )
    assert scenario.result.sale.totals.discount == 100
    assert scenario.result.sale.totals.total == 900


def test_a_code_is_the_same_however_it_is_typed() -> None:
    given(created(), item_added()).when(apply_discount, applying("  save10"), CATALOGUE).then(
        discount_applied()
    )


def test_a_code_is_applied_once() -> None:
    given(created(), item_added(), discount_applied()).when(
        apply_discount, applying("save10"), CATALOGUE
    ).then_refused(DiscountAlreadyApplied)


@pytest.mark.parametrize("code", ["NOSUCH", "☃", " "])
def test_an_unknown_code_is_refused(code: str) -> None:
    given(created(), item_added()).when(apply_discount, applying(code), CATALOGUE).then_refused(
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
def test_a_code_that_cannot_be_used_is_refused_with_its_reason(terms: dict[str, Any], reason: str) -> None:
    given(created(), item_added()).when(
        apply_discount, applying(), FakeCatalogue(product(), promotion(**terms))
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
def test_a_code_at_its_limits_is_applied(terms: dict[str, Any]) -> None:
    given(created(), item_added()).when(
        apply_discount, applying(), FakeCatalogue(product(), promotion(**terms))
    ).then(discount_applied())


def test_a_code_without_conditions_can_be_applied_to_an_empty_cart() -> None:
    given(created()).when(apply_discount, applying(), CATALOGUE).then(discount_applied())


def test_a_code_with_conditions_cannot_be_applied_to_an_empty_cart() -> None:
    catalogue = FakeCatalogue(product(), promotion(conditions={"minimum_subtotal": 1}))
    given(created()).when(apply_discount, applying(), catalogue).then_refused(
        InvalidDiscountCode, reason="conditions_not_met"
    )


def test_a_code_whose_conditions_no_longer_hold_stays_on_the_cart_without_effect() -> None:
    catalogue = FakeCatalogue(product(), promotion(conditions={"minimum_subtotal": 1000}))
    scenario = given(created(), item_added(1), discount_applied()).when(show_cart, CART, catalogue)
    assert scenario.result.sale.totals.discount == 0
    assert list(scenario.result.cart.codes.values()) == ["SAVE10"]


def test_a_code_that_was_disabled_later_has_no_effect() -> None:
    catalogue = FakeCatalogue(product(), promotion(disabled=True))
    scenario = given(created(), item_added(1), discount_applied()).when(show_cart, CART, catalogue)
    assert scenario.result.sale.totals.discount == 0


def test_a_code_used_up_by_others_has_no_effect() -> None:
    catalogue = FakeCatalogue(product(), promotion(total=1, uses=1))
    scenario = given(created(), item_added(1), discount_applied()).when(show_cart, CART, catalogue)
    assert scenario.result.sale.totals.discount == 0
    assert scenario.result.not_applied == {SAVE10: "limit_reached"}


def test_a_code_that_is_not_on_the_cart_has_no_effect() -> None:
    scenario = given(created(), item_added(1)).when(show_cart, CART, CATALOGUE)
    assert scenario.result.sale.totals.discount == 0


def test_a_code_is_removed() -> None:
    scenario = given(created(), item_added(), discount_applied())
    scenario.when(remove_discount, RemoveDiscount(CART, "save10"), CATALOGUE).then(discount_removed())
    assert scenario.result.sale.totals.discount == 0


@pytest.mark.parametrize("typed", [WIDE, "save10"])
def test_a_code_stored_in_full_width_letters_is_removed_as_it_is_shown(typed: str) -> None:
    """Older carts hold such codes; an unusable code would prevent the purchase of such a
    cart."""
    scenario = given(created(), item_added(), discount_applied(WIDE))
    scenario.when(remove_discount, RemoveDiscount(CART, typed), CATALOGUE).then(discount_removed(WIDE))


def test_only_a_code_on_the_cart_is_removed() -> None:
    given(created(), item_added()).when(
        remove_discount, RemoveDiscount(CART, "SAVE10"), CATALOGUE
    ).then_refused(DiscountNotFound)


def test_no_code_is_applied_to_a_locked_cart() -> None:
    given(created(), item_added(), locked()).when(apply_discount, applying(), CATALOGUE).then_refused(
        CartNotActive
    )


def test_a_promotion_without_a_code_applies_automatically() -> None:
    catalogue = FakeCatalogue(product(), promotion(AUTOMATIC, code=None, value="20"))
    scenario = given(created(), item_added(1)).when(show_cart, CART, catalogue)
    (discount,) = scenario.result.sale.discounts
    assert (discount.code, discount.promotion_id, discount.amount) == (None, AUTOMATIC, 100)


def test_a_promotion_without_a_code_is_skipped_when_it_is_used_up() -> None:
    catalogue = FakeCatalogue(product(), promotion(AUTOMATIC, code=None, total=5, uses=5))
    scenario = given(created(), item_added(1)).when(show_cart, CART, catalogue)
    assert scenario.result.sale.totals.discount == 0
