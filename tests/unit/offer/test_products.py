"""Products: created as drafts, activated for sale, each with a unique SKU."""

import pytest
from pydantic import ValidationError

from contracts import product as facts
from offer.catalogue.domain.errors import Invalid, ProductNotFound, SkuExists
from offer.catalogue.domain.product import Product
from offer.catalogue.use_cases import (
    ChangeProduct,
    activate_product,
    archive_product,
    change_product,
    create_product,
)
from offer.plans.use_cases.joining import PLANS
from tests.support.scenario import given, stamp
from tests.unit.offer.examples import BOOK, CD, PORTS, activated, archived, created, details


def test_a_new_product_is_a_draft_with_unique_keys_for_its_sku_and_the_list() -> None:
    scenario = given().when(create_product, details("CD-1"), *PORTS)
    product: Product = scenario.result
    scenario.then(created(product.id, details("CD-1")))
    scenario.then_holds("sku", "cd-1", product.id)
    scenario.then_holds("product", str(product.id), product.id)
    assert not product.is_active


def test_no_two_products_have_the_same_sku() -> None:
    given().claimed("sku", "cd-1", BOOK).when(create_product, details("CD-1"), *PORTS).then_refused(
        SkuExists, sku="CD-1"
    )


@pytest.mark.parametrize(
    "prices",
    [
        [{"amount": 1, "currency": "XXX"}],
        [{"amount": 1, "currency": "USD"}, {"amount": 2, "currency": "USD"}],
    ],
)
def test_prices_have_currencies_in_use_and_no_two_the_same_scope(prices: list[dict[str, object]]) -> None:
    given().when(create_product, details(prices=prices), *PORTS).then_refused(Invalid)


def test_min_users_above_max_users_is_refused() -> None:
    given().when(create_product, details(min_users=5, max_users=4), *PORTS).then_refused(Invalid)


def test_a_change_keeps_the_fields_that_it_leaves_out() -> None:
    given(created()).when(change_product, ChangeProduct(CD, {"category": "music"}), *PORTS).then(
        facts.Changed(**stamp(CD), details=details(category="music"))
    )


@pytest.mark.parametrize(
    "fields", [{"nmae": "CD"}, {"prices": [{"currency": "USD", "amount": 1, "list_price": 2}]}]
)
def test_a_field_that_no_product_has_does_not_vanish_from_the_fact(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        given(created()).when(change_product, ChangeProduct(CD, fields), *PORTS)


def test_a_change_without_effect_records_no_fact() -> None:
    given(created()).when(change_product, ChangeProduct(CD, {"name": details().name}), *PORTS).then_nothing()


def test_a_changed_sku_releases_the_old_one() -> None:
    scenario = given(created()).claimed("sku", "cd-1", CD)
    scenario.when(change_product, ChangeProduct(CD, {"sku": "CD-2"}), *PORTS)
    scenario.then_holds("sku", "cd-1", None).then_holds("sku", "cd-2", CD)


def test_a_product_cannot_take_another_product_s_sku() -> None:
    scenario = given(created()).claimed("sku", "book-1", BOOK)
    scenario.when(change_product, ChangeProduct(CD, {"sku": "BOOK-1"}), *PORTS).then_refused(SkuExists)


@pytest.mark.parametrize("sku", ["cd-1", "CD-1", "Cd-1 ", "\u200bCD-1", "CD-1\ufeff", "C\u00adD-1"])
def test_skus_that_differ_in_case_or_invisible_characters_are_equal(sku: str) -> None:
    given().claimed("sku", "cd-1", BOOK).when(create_product, details(sku), *PORTS).then_refused(SkuExists)


def test_a_sku_that_only_changes_in_case_keeps_its_unique_key() -> None:
    scenario = given(created()).claimed("sku", "cd-1", CD)
    scenario.when(change_product, ChangeProduct(CD, {"sku": "cd-1"}), *PORTS)
    scenario.then(facts.Changed(**stamp(CD), details=details("cd-1", name="The CD-1")))
    scenario.then_holds("sku", "cd-1", CD)


def test_of_two_products_with_sku_keys_from_before_folding_each_releases_its_own_key() -> None:
    scenario = given(created()).claimed("sku", "cd-1", BOOK).claimed("sku", "CD-1", CD)
    scenario.when(change_product, ChangeProduct(CD, {"sku": "CD-2"}), *PORTS)
    scenario.then_holds("sku", "cd-1", BOOK).then_holds("sku", "CD-1", None).then_holds("sku", "cd-2", CD)


def test_a_product_is_activated_once() -> None:
    scenario = given(created()).when(activate_product, CD, PLANS).then(activated())
    scenario.when(activate_product, CD, PLANS).then_nothing()


def test_a_product_is_archived_once_and_can_come_back() -> None:
    scenario = given(created(), activated()).when(archive_product, CD).then(archived())
    scenario.when(archive_product, CD).then_nothing()
    scenario.when(activate_product, CD, PLANS).then(activated())


def test_an_unknown_product_cannot_be_changed() -> None:
    given().when(activate_product, CD, PLANS).then_refused(ProductNotFound)
    given().when(change_product, ChangeProduct(CD, {"name": "?"}), *PORTS).then_refused(ProductNotFound)
