"""Rules for changing and removing the items of a cart."""

from uuid import UUID

import pytest

from cart.carts.domain.errors import (
    CartNotActive,
    CourseQuantityLimit,
    InvalidQuantity,
    ItemNotFound,
    MaxItemQuantityExceeded,
)
from cart.carts.use_cases.shopping import (
    ChangeQuantity,
    RemoveItem,
    change_quantity,
    clear_items,
    remove_item,
)
from tests.support.scenario import given
from tests.unit.cart.catalogues import USUAL_CATALOGUE, FakeCatalogue, product, promotion
from tests.unit.cart.facts import (
    CART,
    LAMP,
    MUG,
    cleared,
    created,
    discount_applied,
    item,
    item_added,
    item_removed,
    locked,
    quantity_changed,
    repriced,
)


def changing(quantity: int, product_id: UUID = MUG) -> ChangeQuantity:
    return ChangeQuantity(CART, item(product_id), quantity)


def test_a_quantity_is_set_not_added() -> None:
    given(created(), item_added(2)).when(change_quantity, changing(7), USUAL_CATALOGUE).then(
        quantity_changed(7)
    )


def test_the_quantity_it_has_already_is_no_change() -> None:
    given(created(), item_added(2)).when(change_quantity, changing(2), USUAL_CATALOGUE).then_nothing()


def test_a_quantity_of_zero_removes_the_item() -> None:
    given(created(), item_added(2)).when(change_quantity, changing(0), USUAL_CATALOGUE).then(item_removed())


def test_a_quantity_is_never_negative() -> None:
    given(created(), item_added(2)).when(change_quantity, changing(-1), USUAL_CATALOGUE).then_refused(
        InvalidQuantity
    )


def test_a_line_is_not_set_to_eleven_units() -> None:
    given(created(), item_added(2)).when(change_quantity, changing(11), USUAL_CATALOGUE).then_refused(
        MaxItemQuantityExceeded
    )


def test_the_quantity_of_a_course_stays_one() -> None:
    given(created(), item_added(1, product_type="course")).when(
        change_quantity, changing(2), FakeCatalogue(product(type="course"))
    ).then_refused(CourseQuantityLimit)


def test_a_product_no_longer_on_sale_can_still_be_removed() -> None:
    given(created(), item_added(2)).when(
        change_quantity, changing(0), FakeCatalogue(product(status="archived"))
    ).then(item_removed())


@pytest.mark.parametrize("quantity", [0, 3])
def test_only_items_of_the_cart_can_be_changed(quantity: int) -> None:
    given(created(), item_added(2)).when(
        change_quantity, changing(quantity, LAMP), USUAL_CATALOGUE
    ).then_refused(ItemNotFound)


def test_an_item_is_removed() -> None:
    given(created(), item_added(2), item_added(1, 1999, LAMP)).when(
        remove_item, RemoveItem(CART, item(MUG)), USUAL_CATALOGUE
    ).then(item_removed(MUG))


def test_a_removed_item_cannot_be_removed_again() -> None:
    given(created(), item_added(2), item_removed()).when(
        remove_item, RemoveItem(CART, item(MUG)), USUAL_CATALOGUE
    ).then_refused(ItemNotFound)


def test_an_item_added_after_its_removal_starts_from_zero() -> None:
    scenario = given(created(), item_added(2), item_removed(), item_added(1))
    scenario.when(change_quantity, changing(3), USUAL_CATALOGUE).then(quantity_changed(3))


def test_clearing_removes_the_items_and_keeps_the_codes() -> None:
    catalogue = FakeCatalogue(product(), promotion())
    scenario = given(created(), item_added(2), discount_applied()).when(clear_items, CART, catalogue)
    scenario.then(cleared())
    assert list(scenario.result.cart.codes.values()) == ["SAVE10"]
    assert scenario.result.sale.totals.total == 0


def test_clearing_an_empty_cart_changes_nothing() -> None:
    given(created()).when(clear_items, CART, USUAL_CATALOGUE).then_nothing()


def test_a_change_records_the_current_prices() -> None:
    given(created(), item_added(2, unit_price=450)).when(change_quantity, changing(3), USUAL_CATALOGUE).then(
        repriced(450, 500), quantity_changed(3)
    )


def test_a_locked_cart_is_not_changed() -> None:
    scenario = given(created(), item_added(), locked())
    scenario.when(remove_item, RemoveItem(CART, item()), USUAL_CATALOGUE).then_refused(
        CartNotActive, cart_status="locked"
    )
