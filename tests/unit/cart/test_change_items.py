"""Rules for changing and removing what lies in a cart."""

from uuid import UUID

import pytest

from cart.application.change_quantity import ChangeQuantity, change_quantity
from cart.application.clear_items import ClearItems, clear_items
from cart.application.remove_item import RemoveItem, remove_item
from cart.domain.errors import (
    CartNotActive,
    CourseQuantityLimit,
    InvalidQuantity,
    ItemNotFound,
    MaxItemQuantityExceeded,
)
from tests.support.scenario import given
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
from tests.unit.cart.shelf import USUAL, Shelf, product, promotion


def changing(quantity: int, product_id: UUID = MUG) -> ChangeQuantity:
    return ChangeQuantity(CART, item(product_id), quantity)


def test_a_quantity_is_set_not_added() -> None:
    given(created(), item_added(2)).when(change_quantity, changing(7), USUAL).then(quantity_changed(7))


def test_the_quantity_it_has_already_is_no_change() -> None:
    given(created(), item_added(2)).when(change_quantity, changing(2), USUAL).then_nothing()


def test_a_quantity_of_none_removes_the_item() -> None:
    given(created(), item_added(2)).when(change_quantity, changing(0), USUAL).then(item_removed())


def test_a_quantity_is_never_negative() -> None:
    given(created(), item_added(2)).when(change_quantity, changing(-1), USUAL).then_refused(InvalidQuantity)


def test_a_line_is_not_set_to_eleven_units() -> None:
    given(created(), item_added(2)).when(change_quantity, changing(11), USUAL).then_refused(
        MaxItemQuantityExceeded
    )


def test_a_course_stays_a_single_one() -> None:
    given(created(), item_added(1, product_type="course")).when(
        change_quantity, changing(2), Shelf(product(type="course"))
    ).then_refused(CourseQuantityLimit)


def test_what_is_no_longer_for_sale_can_still_be_taken_out() -> None:
    given(created(), item_added(2)).when(
        change_quantity, changing(0), Shelf(product(status="archived"))
    ).then(item_removed())


@pytest.mark.parametrize("quantity", [0, 3])
def test_only_what_is_in_the_cart_can_be_changed(quantity: int) -> None:
    given(created(), item_added(2)).when(change_quantity, changing(quantity, LAMP), USUAL).then_refused(
        ItemNotFound
    )


def test_an_item_is_removed() -> None:
    given(created(), item_added(2), item_added(1, 1999, LAMP)).when(
        remove_item, RemoveItem(CART, item(MUG)), USUAL
    ).then(item_removed(MUG))


def test_an_item_is_removed_once() -> None:
    given(created(), item_added(2), item_removed()).when(
        remove_item, RemoveItem(CART, item(MUG)), USUAL
    ).then_refused(ItemNotFound)


def test_an_item_that_comes_back_begins_anew() -> None:
    scenario = given(created(), item_added(2), item_removed(), item_added(1))
    scenario.when(change_quantity, changing(3), USUAL).then(quantity_changed(3))


def test_clearing_takes_everything_out_but_leaves_the_codes() -> None:
    shelf = Shelf(product(), promotion())
    scenario = given(created(), item_added(2), discount_applied()).when(clear_items, ClearItems(CART), shelf)
    scenario.then(cleared())
    assert list(scenario.result.cart.codes.values()) == ["SAVE10"]
    assert scenario.result.sale.totals.total == 0


def test_clearing_an_empty_cart_changes_nothing() -> None:
    given(created()).when(clear_items, ClearItems(CART), USUAL).then_nothing()


def test_a_change_takes_over_todays_prices() -> None:
    given(created(), item_added(2, unit_price=450)).when(change_quantity, changing(3), USUAL).then(
        repriced(450, 500), quantity_changed(3)
    )


def test_a_locked_cart_is_left_as_it_is() -> None:
    scenario = given(created(), item_added(), locked())
    scenario.when(remove_item, RemoveItem(CART, item()), USUAL).then_refused(
        CartNotActive, cart_status="locked"
    )
