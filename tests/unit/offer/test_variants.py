"""Variants of products, bundles and certifications: what a product says of other products."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import product as facts
from offer.catalogue.domain.errors import Invalid
from offer.catalogue.domain.variants import combination, with_inherited
from offer.catalogue.use_cases import ChangeProduct, activate_product, change_product, create_product
from offer.plans.use_cases.joining import PLANS
from tests.support.scenario import Scenario, given, stamp
from tests.unit.offer.examples import BOOK, CD, PORTS, activated, created, details, named

SHIRT, SMALL, MEDIUM = named("shirt"), named("small"), named("medium")
PARENT = details("SHIRT", options={"size": ["S", "M"], "colour": ["blue"]})


def variant(size: str = "S", sku: str = "SHIRT-S", **other: Any) -> facts.Details:
    options = {"size": size, "colour": "blue"}
    return details(sku, **{"variant_of": SHIRT, "options": options, "prices": (), "type": "", **other})


def of_shirt(sku: str = "SHIRT-S", size: str = "S") -> facts.Details:
    return variant(size, sku, type="physical_product")


def shop() -> Scenario:
    """A shirt, and its small variant."""
    past = created(SHIRT, PARENT), created(SMALL, of_shirt())
    return given(*past).claimed("variant", f"{SHIRT}:{combination(of_shirt())}", SMALL)


def test_a_variant_has_the_type_of_its_parent() -> None:
    scenario = given(created(SHIRT, PARENT)).when(create_product, variant(), *PORTS)
    assert scenario.result.details.type == "physical_product"
    key = f"{SHIRT}:{combination(variant())}"
    scenario.then_holds("variant", key, scenario.result.id)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"size": "M", "colour": "blue", "fit": "slim"}, ("options", "fit")),
        ({"size": "XL", "colour": "blue"}, ("options", "size")),
        ({"size": ["M"], "colour": "blue"}, ("options", "size")),
        ({"size": "M"}, ("options",)),
        ({"size": "S", "colour": "blue"}, ("options",)),
    ],
    ids=["another name", "another value", "not one value", "no value", "a sibling's combination"],
)
def test_a_variant_has_one_allowed_value_of_each_option_and_no_sibling_s(
    options: dict[str, object], field: tuple[str, ...]
) -> None:
    scenario = shop().when(create_product, variant(sku="SHIRT-X", options=options), *PORTS)
    scenario.then_refused(Invalid)
    assert scenario.refusal is not None
    assert scenario.refusal.field == field


def test_there_is_one_level_of_variants() -> None:
    grandchild = variant("M", "SHIRT-S-M", variant_of=SMALL)
    shop().when(create_product, grandchild, *PORTS).then_refused(Invalid)
    other = created(CD, details(options={"size": ["S"], "colour": ["blue"]}))
    change = ChangeProduct(SHIRT, {"variant_of": CD, "options": {"size": "S", "colour": "blue"}})
    scenario = given(created(SHIRT, PARENT), created(SMALL, of_shirt()), other)
    scenario.claimed("variant", f"{SHIRT}:{combination(of_shirt())}", SMALL)
    scenario.when(change_product, change, *PORTS).then_refused(Invalid)


def test_a_product_is_no_variant_of_itself_or_of_nothing() -> None:
    for parent in (SHIRT, BOOK):
        change = ChangeProduct(SHIRT, {"variant_of": parent})
        given(created(SHIRT, PARENT)).when(change_product, change, *PORTS).then_refused(Invalid)


def test_a_variant_that_changes_its_options_gives_the_old_ones_back() -> None:
    scenario = shop().when(
        change_product, ChangeProduct(SMALL, {"options": {"size": "M", "colour": "blue"}}), *PORTS
    )
    scenario.then_holds("variant", f"{SHIRT}:{combination(of_shirt())}", None)
    scenario.then_holds("variant", f"{SHIRT}:{combination(variant('M'))}", SMALL)


def test_a_parent_keeps_the_options_that_its_variants_have() -> None:
    fewer = ChangeProduct(SHIRT, {"options": {"size": ["M"], "colour": ["blue"]}})
    shop().when(change_product, fewer, *PORTS).then_refused(Invalid)
    more = {"size": ["S", "M", "L"], "colour": ["blue"]}
    changed = facts.Changed(**stamp(SHIRT), details=PARENT.model_copy(update={"options": more}))
    shop().when(change_product, ChangeProduct(SHIRT, {"options": more}), *PORTS).then(changed)


def test_what_a_variant_leaves_empty_is_its_parent_s() -> None:
    parent = details("SHIRT", category="shirts", collections=["spring"], tax_category="textile")
    effective = with_inherited(variant(collections=["sale"]), parent)
    assert effective.prices == parent.prices
    assert (effective.category, effective.collections, effective.tax_category) == (
        "shirts",
        ("sale",),
        "textile",
    )


def test_a_variant_is_sold_at_the_price_of_its_parent() -> None:
    shop().when(activate_product, SMALL, PLANS).then(activated(SMALL))
    given(created(CD, details(prices=[]))).when(activate_product, CD, PLANS).then_refused(Invalid)


def test_an_entry_of_a_bundle_that_is_a_product_is_a_course() -> None:
    course, mug = created(BOOK, details("COURSE", type="course")), created(CD, details("MUG"))
    bundle = details("BUNDLE", type="bundle", course_ids=[str(BOOK), "a key of another system"])
    given(course).when(create_product, bundle, *PORTS)
    wrong = details("BUNDLE", type="bundle", course_ids=[str(BOOK), str(CD)])
    scenario = given(course, mug).when(create_product, wrong, *PORTS).then_refused(Invalid)
    assert scenario.refusal is not None
    assert scenario.refusal.field == ("course_ids", 1)


@pytest.mark.parametrize("course_ids", [[], ["a"], ["a", "a"]])
def test_a_bundle_has_two_different_courses(course_ids: list[str]) -> None:
    bundle = details("BUNDLE", type="bundle", course_ids=course_ids)
    given().when(create_product, bundle, *PORTS).then_refused(Invalid)


def test_a_certification_is_no_prerequisite_of_itself() -> None:
    change = ChangeProduct(CD, {"prerequisites": [str(CD)]})
    given(created(CD, details(type="certification"))).when(change_product, change, *PORTS).then_refused(
        Invalid
    )


RULE = {"when": {}, "percent": "-10"}


@pytest.mark.parametrize(
    ("dynamic", "field"),
    [
        ({"rules": [{"when": {}}]}, ("dynamic", "rules", 0)),
        ({"rules": [RULE | {"amount": 5}]}, ("dynamic", "rules", 0)),
        ({"rules": [RULE], "floor": {"USD": 5}, "ceiling": {"USD": 4}}, ("dynamic", "ceiling", "USD")),
        ({"rules": [RULE], "floor": {"XTS": 5}}, ("dynamic", "floor", "XTS")),
        (
            {"rules": [RULE | {"when": {"from_time": "22:00", "to_time": "06:00"}}]},
            ("dynamic", "rules", 0, "when", "to_time"),
        ),
        (
            {
                "rules": [
                    RULE | {"when": {"starts_at": "2026-03-02T00:00:00Z", "ends_at": "2026-03-01T00:00:00Z"}}
                ]
            },
            ("dynamic", "rules", 0, "when", "ends_at"),
        ),
    ],
)
def test_rules_of_a_dynamic_price_do_not_contradict_one_another(
    dynamic: dict[str, object], field: tuple[object, ...]
) -> None:
    product = details(pricing_model="dynamic", dynamic=dynamic)
    scenario = given().when(create_product, product, *PORTS).then_refused(Invalid)
    assert scenario.refusal is not None
    assert scenario.refusal.field == field


def test_no_two_tiers_have_the_same_scope_and_quantity() -> None:
    tier = {"min_quantity": 5, "amount": 900, "currency": "USD"}
    given().when(create_product, details(tiers=[tier, tier]), *PORTS).then_refused(Invalid)
    other = {**tier, "segment": "vip"}
    given().when(create_product, details(tiers=[tier, other]), *PORTS)
