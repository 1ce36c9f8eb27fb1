"""Rules for adding an item to a cart."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from cart.carts.domain.errors import (
    CartNotActive,
    CartNotFound,
    CourseQuantityLimit,
    CurrencyNotPriced,
    DuplicateCourseInCart,
    InvalidQuantity,
    MaxCartItemsExceeded,
    MaxItemQuantityExceeded,
    MultipleSubscriptionsNotAllowed,
    ProductNotFound,
    SubscriptionQuantityLimit,
)
from cart.carts.use_cases.shopping import AddItem, add_item
from cart.catalogue.domain.excerpt import CatalogueExcerpt
from cart.catalogue.domain.products import Product
from contracts.envelope import Fact
from contracts.product import Price
from kernel.domain import Refused
from tests.support.scenario import given
from tests.unit.cart.catalogues import USUAL_CATALOGUE, FakeCatalogue, product
from tests.unit.cart.facts import (
    CART,
    LAMP,
    MUG,
    converted,
    created,
    destination_set,
    expired,
    item_added,
    locked,
    repriced,
)


def adding(quantity: int = 1, product_id: UUID = MUG, **options: object) -> AddItem:
    return AddItem(CART, product_id, quantity, options)


def test_an_item_is_added_at_the_catalogues_price() -> None:
    given(created()).when(add_item, adding(2), USUAL_CATALOGUE).then(item_added(2, unit_price=500))


def test_a_product_priced_only_at_the_destination_is_not_waited_for() -> None:
    abroad = product()
    prices = (Price(amount=450, currency="USD", region="DE"),)
    abroad = Product(MUG, abroad.status, abroad.details.model_copy(update={"prices": prices}))
    waited: list[bool] = []

    class RecordingCatalogue(FakeCatalogue):
        async def read(
            self, *positional: Any, until: Callable[[CatalogueExcerpt], bool] | None = None, **more: Any
        ) -> CatalogueExcerpt:
            excerpt = await super().read(*positional, **more)
            waited.append(until is not None and not until(excerpt))
            return excerpt

    given(created(), destination_set("DE")).when(add_item, adding(), RecordingCatalogue(abroad)).then(
        item_added(1, 450)
    )
    assert waited == [False]


def test_the_same_product_with_the_same_options_adds_up_in_one_line() -> None:
    scenario = given(created(), item_added(2, options={"size": "L", "engraving": "A"})).when(
        add_item, AddItem(CART, MUG, 3, {"engraving": "A", "size": "L"}), USUAL_CATALOGUE
    )
    assert [line.quantity for line in scenario.result.cart.lines.values()] == [5]


def test_the_same_product_with_other_options_is_another_line() -> None:
    scenario = given(created(), item_added(2, options={"size": "L"})).when(
        add_item, adding(3, size="M"), USUAL_CATALOGUE
    )
    assert [line.quantity for line in scenario.result.cart.lines.values()] == [2, 3]


@pytest.mark.parametrize("quantity", [0, -1, -(2**63)])
def test_at_least_one_unit_is_added(quantity: int) -> None:
    given(created()).when(add_item, adding(quantity), USUAL_CATALOGUE).then_refused(InvalidQuantity)


def test_a_line_holds_ten_units() -> None:
    given(created(), item_added(9)).when(add_item, adding(1), USUAL_CATALOGUE).then(item_added(1))


def test_a_line_does_not_hold_eleven_units() -> None:
    given(created(), item_added(9)).when(add_item, adding(2), USUAL_CATALOGUE).then_refused(
        MaxItemQuantityExceeded
    )


def test_a_cart_does_not_hold_fifty_one_lines() -> None:
    many = [item_added(1, options={"engraving": number}) for number in range(50)]
    scenario = given(created(), *many)
    scenario.when(add_item, adding(1, engraving=7), USUAL_CATALOGUE).then(
        item_added(1, options={"engraving": 7})
    )
    scenario.when(add_item, adding(1, engraving=50), USUAL_CATALOGUE).then_refused(MaxCartItemsExceeded)


def test_nothing_is_added_to_an_unknown_cart() -> None:
    given().when(add_item, adding(), USUAL_CATALOGUE).then_refused(CartNotFound)


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_only_a_product_on_sale_can_be_added(status: str) -> None:
    catalogue = FakeCatalogue(product(status=status))
    given(created()).when(add_item, adding(), catalogue).then_refused(ProductNotFound)


def test_a_product_that_is_not_in_the_catalogue_cannot_be_added() -> None:
    given(created()).when(add_item, adding(product_id=UUID(int=99)), USUAL_CATALOGUE).then_refused(
        ProductNotFound
    )


def test_a_product_needs_a_price_in_the_carts_currency() -> None:
    given(created("EUR")).when(add_item, adding(), USUAL_CATALOGUE).then_refused(CurrencyNotPriced)


@pytest.mark.parametrize(
    ("past", "status"),
    [([locked()], "locked"), ([locked(), converted()], "converted"), ([expired()], "expired")],
)
def test_nothing_is_added_to_a_cart_that_is_not_active(past: list[Fact], status: str) -> None:
    given(created(), item_added(), *past).when(add_item, adding(), USUAL_CATALOGUE).then_refused(
        CartNotActive, cart_status=status
    )


def test_a_cart_past_its_lifetime_counts_as_expired_before_its_timer_fires() -> None:
    given(created()).after(hours=72).when(add_item, adding(), USUAL_CATALOGUE).then_refused(
        CartNotActive, cart_status="expired"
    )


def test_changed_prices_are_recorded_with_the_next_change_of_the_cart() -> None:
    given(created(), item_added(1, unit_price=400)).when(add_item, adding(1, LAMP), USUAL_CATALOGUE).then(
        repriced(400, 500), item_added(1, 1999, LAMP)
    )


def test_a_product_that_has_lost_its_price_keeps_the_old_one() -> None:
    catalogue = FakeCatalogue(product(MUG, 900, currency="EUR"), product(LAMP, 1999))
    given(created(), item_added(1, unit_price=400)).when(add_item, adding(1, LAMP), catalogue).then(
        item_added(1, 1999, LAMP)
    )


@pytest.mark.parametrize(
    ("kind", "quantity", "rule"),
    [
        ("course", 2, CourseQuantityLimit),
        ("subscription", 2, SubscriptionQuantityLimit),
        ("team_license", 1, InvalidQuantity),
        ("team_license", 1001, MaxItemQuantityExceeded),
        ("service", 11, MaxItemQuantityExceeded),
    ],
)
def test_each_type_of_product_has_its_own_limit(kind: str, quantity: int, rule: type[Refused]) -> None:
    given(created()).when(add_item, adding(quantity), FakeCatalogue(product(type=kind))).then_refused(rule)


@pytest.mark.parametrize(
    ("kind", "quantity"),
    [("course", 1), ("subscription", 1), ("team_license", 2), ("team_license", 1000), ("service", 10)],
)
def test_each_type_of_product_may_reach_its_limit(kind: str, quantity: int) -> None:
    given(created()).when(add_item, adding(quantity), FakeCatalogue(product(type=kind))).then(
        item_added(quantity, product_type=kind)
    )


def test_a_licence_can_have_narrower_limits_of_its_own() -> None:
    catalogue = FakeCatalogue(product(type="team_license", min_users=5, max_users=20))
    given(created()).when(add_item, adding(4), catalogue).then_refused(InvalidQuantity, minimum=5)
    given(created()).when(add_item, adding(21), catalogue).then_refused(MaxItemQuantityExceeded, maximum=20)


def test_a_cart_holds_a_course_only_once() -> None:
    catalogue = FakeCatalogue(product(type="course"))
    given(created(), item_added(1, product_type="course")).when(
        add_item, adding(1, edition="large print"), catalogue
    ).then_refused(DuplicateCourseInCart)


def test_a_cart_holds_only_one_subscription() -> None:
    catalogue = FakeCatalogue(product(MUG, type="subscription"), product(LAMP, type="subscription"))
    given(created(), item_added(1, product_type="subscription")).when(
        add_item, adding(1, LAMP), catalogue
    ).then_refused(MultipleSubscriptionsNotAllowed)
