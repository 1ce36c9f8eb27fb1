"""How the terms of each kind are read, and which terms are refused."""

from typing import Any, get_args

import pytest

from contracts.promotion import Terms
from offer.promotions.schemas.promotions import Kind
from pricing.percent import Percent
from pricing.promotion_kinds.bundle import Bundle
from pricing.promotion_kinds.buy_x_get_y import BuyXGetY
from pricing.promotion_kinds.kind import PromotionKind
from pricing.promotion_kinds.multi_upsell import MultiUpsell
from pricing.promotion_kinds.reading import InvalidTerms
from pricing.promotion_kinds.registry import KINDS
from pricing.promotion_kinds.volume import Volume

TIERS = {"basis": "quantity", "tiers": [{"from": 3, "percent": 5}]}
PAIR = {"items": [{"selector": {}}, {"selector": {"categories": ["x"]}}]}
THIRD_FREE = {"buy": {"selector": {}, "quantity": 2}, "get": {"selector": {}, "quantity": 1}}
VALID: dict[str, dict[str, Any]] = {
    "percentage": {"value": "10"},
    "fixed_amount": {"value": "500"},
    "free_shipping": {"value": "0"},
    "volume": {"value": "0", "rule": TIERS},
    "bundle": {"value": "15", "rule": PAIR},
    "buy_x_get_y": {"value": "100", "rule": THIRD_FREE},
    "multi_upsell": {"value": "10"},
}


def tiers(*those: dict[str, int]) -> dict[str, Any]:
    return {"rule": {"basis": "quantity", "tiers": list(those)}}


every_kind = pytest.mark.parametrize("name", KINDS)


def parse(name: str, **terms: Any) -> PromotionKind:
    return KINDS[name].parse(Terms(kind=name, **{**VALID[name], **terms}))


@every_kind
def test_a_kind_that_is_offered_is_supported_and_has_an_example_here(name: str) -> None:
    assert parse(name).name == name
    assert set(get_args(Kind)) == set(KINDS) == set(VALID)


@every_kind
@pytest.mark.parametrize(
    "terms", [{"value": "-1"}, {"value": "0.001"}, {"rule": {"unknown": 1}}, {"value_type": "x"}]
)
def test_terms_that_no_kind_has_break_a_rule_which_is_a_sentence(name: str, terms: dict[str, Any]) -> None:
    with pytest.raises(InvalidTerms, match=r"^[A-Z]"):
        parse(name, **terms)


@pytest.mark.parametrize(
    ("name", "terms", "field"),
    [
        ("percentage", {"value": "100.01"}, ("value",)),
        ("fixed_amount", {"value": "1.5"}, ("value",)),
        ("free_shipping", {"value": "1"}, ("value",)),
        ("volume", {"value": "1"}, ("value",)),
        ("volume", {"rule": {**TIERS, "basis": "weight"}}, ("rule", "basis")),
        ("volume", {"rule": {**TIERS, "tiers": []}}, ("rule", "tiers")),
        ("volume", {"rule": {**TIERS, "tiers": [{"from": 0, "percent": 5}]}}, ("rule", "tiers", 0, "from")),
        (
            "volume",
            {"rule": {**TIERS, "tiers": [{"from": True, "percent": 5}]}},
            ("rule", "tiers", 0, "from"),
        ),
        (
            "volume",
            {"rule": {**TIERS, "tiers": [{"from": 1, "percent": 0}]}},
            ("rule", "tiers", 0, "percent"),
        ),
        ("volume", {"rule": {**TIERS, "tiers": [{"from": 1}]}}, ("rule", "tiers", 0)),
        (
            "volume",
            {"rule": {**TIERS, "tiers": [{"from": 1, "percent": 5, "amount": 5}]}},
            ("rule", "tiers", 0),
        ),
        ("volume", {"rule": {**TIERS, "tiers": TIERS["tiers"] * 2}}, ("rule", "tiers", 1, "from")),  # type: ignore[operator]  # a list
        ("bundle", {"rule": {}}, ("rule", "items")),
        ("bundle", {"rule": {"items": [{"selector": {}}]}}, ("rule", "items")),
        ("bundle", {"rule": {**PAIR, "most_sets": 0}}, ("rule", "most_sets")),
        (
            "bundle",
            {"rule": {"items": [{"selector": {"brand": "x"}, "quantity": 2}]}},
            ("rule", "items", 0, "selector", "brand"),
        ),
        ("buy_x_get_y", {"rule": {**THIRD_FREE, "get": {"selector": {}}}}, ("rule", "get", "quantity")),
        ("buy_x_get_y", {"rule": {**THIRD_FREE, "select": "any"}}, ("rule", "select")),
        ("buy_x_get_y", {"value_type": "fixed_amount"}, ("value_type",)),
        ("multi_upsell", {"rule": {"minimum_upsells": 1}}, ("rule", "minimum_upsells")),
    ],
)
def test_a_refused_term_is_named(name: str, terms: dict[str, Any], field: tuple[object, ...]) -> None:
    with pytest.raises(InvalidTerms) as refused:
        parse(name, **terms)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("name", "terms", "needs_currency"),
    [
        ("percentage", {}, False),
        ("fixed_amount", {}, True),
        ("free_shipping", {}, False),
        ("volume", {}, False),
        ("volume", {"rule": {**TIERS, "basis": "value"}}, True),
        ("volume", {"rule": {**TIERS, "tiers": [{"from": 1, "amount": 5}]}}, True),
        ("bundle", {}, False),
        ("bundle", {"value_type": "fixed_amount"}, True),
        ("bundle", {"value_type": "fixed_price"}, True),
        ("buy_x_get_y", {}, False),
        ("multi_upsell", {}, False),
        ("multi_upsell", {"value_type": "fixed_amount"}, True),
    ],
)
def test_a_kind_needs_a_currency_where_an_amount_is_among_its_terms(
    name: str, terms: dict[str, Any], needs_currency: bool
) -> None:
    assert parse(name, **terms).needs_currency is needs_currency


def test_percentages_in_rules_are_exact() -> None:
    listed = [{"from": 1, "percent": 33.33}, {"from": 2, "percent": "12.5"}]
    volume = parse("volume", rule={"basis": "quantity", "tiers": listed})
    assert isinstance(volume, Volume)
    assert [tier.off for tier in volume.tiers] == [Percent(3333), Percent(1250)]


def test_the_parts_of_rules_have_defaults() -> None:
    bundle, third_free, upsells = parse("bundle"), parse("buy_x_get_y"), parse("multi_upsell")
    assert isinstance(bundle, Bundle)
    assert isinstance(third_free, BuyXGetY)
    assert isinstance(upsells, MultiUpsell)
    assert [item.quantity for item in bundle.items] == [1, 1]
    assert bundle.most_sets is None
    assert (third_free.dearest, third_free.most_applications) == (False, None)
    assert upsells.minimum_upsells == 2
