"""Rules for offers in a cart: their lines, prices and changes."""

from typing import Any
from uuid import UUID

import pytest

from cart.carts.domain.errors import (
    CourseQuantityLimit,
    CurrencyNotPriced,
    DuplicateCourseInCart,
    InvalidQuantity,
    MaxItemQuantityExceeded,
    OfferNotAvailable,
    OfferNotFound,
    ProductNotFound,
)
from cart.carts.domain.line import item_id_of
from cart.carts.use_cases.offers import AddOffer, add_offer
from cart.carts.use_cases.shopping import (
    AddItem,
    ChangeQuantity,
    RemoveItem,
    add_item,
    change_quantity,
    remove_item,
)
from contracts.cart import ItemAdded, ItemQuantityChanged, ItemRemoved
from contracts.experiment import Changes, PriceChange, Variant
from contracts.sale import Exposure
from kernel.domain import Refused
from kernel.ids import derive_id
from pricing.experiments import Assignment
from tests.support.scenario import Scenario, given, stamp
from tests.unit.cart.catalogues import FakeCatalogue, product
from tests.unit.cart.facts import CART, LAMP, MUG, created, item_added
from tests.unit.cart.funnels import KIT, component, offer

A, B, C = UUID(int=101), UUID(int=102), UUID(int=103)
THREE = (component(A, 1, position=0), component(B, 1, position=1), component(C, 2, position=2))
PRODUCTS = (product(A, 5000), product(B, 3333), product(C, 1999))
CATALOGUE = FakeCatalogue(*PRODUCTS, offer(KIT, 7900, *THREE))


def line_id(product_id: UUID, offer_id: UUID | None = KIT) -> UUID:
    return item_id_of(CART, product_id, {}, offer_id)


def adding(quantity: int = 1, offer_id: UUID = KIT, **more: Any) -> AddOffer:
    return AddOffer(CART, offer_id, quantity, **more)


def lines(scenario: Scenario) -> list[tuple[UUID, int, int, int]]:
    """Product, quantity, units and unit price of each line."""
    found = scenario.result.cart.lines.values()
    return [(it.product_id, it.quantity, it.units, it.unit_price) for it in found]


def test_e10_an_offer_is_a_line_for_each_product_and_its_price_is_shared_by_their_list_prices() -> None:
    scenario = given(created()).when(add_offer, adding(2), CATALOGUE)
    assert lines(scenario) == [(A, 2, 1, 3203), (B, 2, 1, 2135), (C, 2, 2, 2562)]
    assert scenario.result.sale.totals.total == 15800


def test_several_lines_are_several_facts_in_one_save() -> None:
    scenario = given(created()).when(add_offer, adding(), CATALOGUE)
    assert [fact.TYPE for fact in scenario.work.facts] == [ItemAdded.TYPE] * 3


def test_the_same_offer_again_adds_up_in_the_same_lines() -> None:
    scenario = given(created()).when(add_offer, adding(), CATALOGUE).when(add_offer, adding(2), CATALOGUE)
    assert [it.quantity for it in scenario.result.cart.lines.values()] == [3, 3, 3]


def test_a_product_alone_and_in_an_offer_are_different_lines() -> None:
    scenario = given(created()).when(add_offer, adding(), CATALOGUE)
    scenario.when(add_item, AddItem(CART, A, 1), CATALOGUE)
    assert (A, 1, 1, 5000) in lines(scenario)
    assert len(lines(scenario)) == 4


def test_the_lines_of_an_offer_change_together() -> None:
    scenario = given(created()).when(add_offer, adding(), CATALOGUE)
    scenario.when(change_quantity, ChangeQuantity(CART, line_id(B), 3), CATALOGUE).then(
        *(ItemQuantityChanged(**stamp(CART), item_id=line_id(it), quantity=3) for it in (A, B, C))
    )


@pytest.mark.parametrize("by_quantity", [True, False])
def test_the_lines_of_an_offer_go_together_and_other_lines_stay(by_quantity: bool) -> None:
    scenario = given(created(), item_added(product_id=LAMP, unit_price=1999))
    catalogue = FakeCatalogue(*PRODUCTS, offer(KIT, 7900, *THREE), product(LAMP, 1999))
    scenario.when(add_offer, adding(), catalogue)
    if by_quantity:
        scenario.when(change_quantity, ChangeQuantity(CART, line_id(C), 0), catalogue)
    else:
        scenario.when(remove_item, RemoveItem(CART, line_id(C)), catalogue)
    scenario.then(*(ItemRemoved(**stamp(CART), item_id=line_id(it)) for it in (A, B, C)))


def test_an_optional_product_comes_at_its_own_price_and_goes_alone() -> None:
    catalogue = FakeCatalogue(
        *PRODUCTS, offer(KIT, 7900, component(A), component(B, 2, required=False, position=1))
    )
    scenario = given(created()).when(add_offer, adding(2, include=[B]), catalogue)
    assert lines(scenario) == [(A, 2, 1, 7900), (B, 4, 1, 3333)]
    scenario.when(change_quantity, ChangeQuantity(CART, line_id(B), 1), catalogue)
    assert lines(scenario) == [(A, 2, 1, 7900), (B, 1, 1, 3333)]
    scenario.when(remove_item, RemoveItem(CART, line_id(B)), catalogue)
    assert lines(scenario) == [(A, 2, 1, 7900)]


def test_optional_products_go_with_their_offer() -> None:
    catalogue = FakeCatalogue(
        *PRODUCTS, offer(KIT, 7900, component(A), component(B, required=False, position=1))
    )
    scenario = given(created()).when(add_offer, adding(include=[B]), catalogue)
    scenario.when(remove_item, RemoveItem(CART, line_id(A)), catalogue)
    assert lines(scenario) == []


def test_only_optional_products_of_the_offer_can_be_included() -> None:
    given(created()).when(add_offer, adding(include=[A]), CATALOGUE).then_refused(ProductNotFound)


@pytest.mark.parametrize(
    ("kind", "units", "quantity", "rule"),
    [
        ("physical_product", 4, 3, MaxItemQuantityExceeded),
        ("physical_product", 1, 11, MaxItemQuantityExceeded),
        ("course", 1, 2, CourseQuantityLimit),
        ("course", 2, 1, CourseQuantityLimit),
        ("physical_product", 1, 0, InvalidQuantity),
    ],
)
def test_limits_look_at_the_units_of_all_offers(
    kind: str, units: int, quantity: int, rule: type[Refused]
) -> None:
    catalogue = FakeCatalogue(product(A, type=kind), offer(KIT, 7900, component(A, units)))
    given(created()).when(add_offer, adding(quantity), catalogue).then_refused(rule)


def test_a_course_in_an_offer_is_not_sold_twice() -> None:
    catalogue = FakeCatalogue(product(A, type="course"), offer(KIT, 7900, component(A)))
    scenario = given(created()).when(add_item, AddItem(CART, A, 1), catalogue)
    scenario.when(add_offer, adding(), catalogue).then_refused(DuplicateCourseInCart)


@pytest.mark.parametrize("status", ["draft", "paused", "archived"])
def test_only_a_published_offer_is_added(status: str) -> None:
    catalogue = FakeCatalogue(*PRODUCTS, offer(KIT, 7900, *THREE, status=status))
    given(created()).when(add_offer, adding(), catalogue).then_refused(OfferNotFound)


def test_an_offer_with_a_product_that_is_not_on_sale_is_not_added() -> None:
    catalogue = FakeCatalogue(product(A, status="archived"), offer(KIT, 7900, component(A)))
    given(created()).when(add_offer, adding(), catalogue).then_refused(
        OfferNotAvailable, reason="PRODUCT_NOT_AVAILABLE"
    )


def test_an_offer_has_one_currency() -> None:
    given(created("EUR")).when(add_offer, adding(), CATALOGUE).then_refused(CurrencyNotPriced)


def test_an_offer_is_sold_at_the_price_of_the_sessions_variant() -> None:
    experiment_id, variant_id = UUID(int=201), UUID(int=202)
    changes = Changes(price=PriceChange(base=7000))
    variant = Variant(variant_id=variant_id, name="cheaper", weight=1, changes=changes)
    experiment = Assignment(experiment_id, (variant,), is_running=True)
    catalogue = FakeCatalogue(*PRODUCTS, offer(KIT, 7900, component(A), experiment=experiment))
    scenario = given(created()).when(add_offer, adding(), catalogue)
    (line,) = scenario.result.cart.lines.values()
    exposure_id = derive_id(experiment_id, "session")
    assert (line.unit_price, line.experiment) == (
        7000,
        Exposure(experiment_id=experiment_id, variant_id=variant_id, exposure_id=exposure_id),
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": {"x": 1, "y": [2]}}, {"a": {"y": [2.0], "x": 1.0}}),
    ],
)
def test_e53_items_with_equal_options_are_one_line_whatever_the_order_of_their_keys(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    catalogue = FakeCatalogue(product(MUG))
    scenario = given(created()).when(add_item, AddItem(CART, MUG, 2, first), catalogue)
    scenario.when(add_item, AddItem(CART, MUG, 3, second), catalogue)
    assert [it.quantity for it in scenario.result.cart.lines.values()] == [5]


def test_options_with_different_values_are_different_lines() -> None:
    catalogue = FakeCatalogue(product(MUG))
    scenario = given(created()).when(add_item, AddItem(CART, MUG, 2, {"a": 1}), catalogue)
    scenario.when(add_item, AddItem(CART, MUG, 3, {"a": True}), catalogue)
    assert [it.quantity for it in scenario.result.cart.lines.values()] == [2, 3]


def licences(seats: int, gifts: int) -> Scenario:
    catalogue = FakeCatalogue(product(MUG, type="team_license"))
    return given(created()).when(add_item, AddItem(CART, MUG, seats, gift_seats=gifts), catalogue)


def test_seats_of_a_licence_can_be_for_others() -> None:
    catalogue = FakeCatalogue(product(MUG, type="team_license"))
    scenario = licences(5, 2).when(add_item, AddItem(CART, MUG, 3, gift_seats=1), catalogue)
    item_id = item_id_of(CART, MUG, {})
    assert scenario.result.cart.lines[item_id].gift_seats == 3
    scenario.when(change_quantity, ChangeQuantity(CART, item_id, 8, gift_seats=8), catalogue)
    assert scenario.result.cart.lines[item_id].gift_seats == 8
    scenario.when(change_quantity, ChangeQuantity(CART, item_id, 4), catalogue)
    assert scenario.result.cart.lines[item_id].gift_seats == 4


def test_no_more_seats_are_for_others_than_are_bought_and_only_licences_have_seats() -> None:
    licences(5, 6).then_refused(InvalidQuantity)
    given(created()).when(
        add_item, AddItem(CART, MUG, 2, gift_seats=1), FakeCatalogue(product(MUG))
    ).then_refused(InvalidQuantity)
