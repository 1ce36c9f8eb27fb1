"""Counts and receipts: the units on hand, independent of holds."""

from contracts import stock as facts
from offer.catalogue.domain.errors import ProductNotFound
from offer.inventory.domain.stock import Stock
from offer.inventory.use_cases.stock_counts import (
    CountStock,
    ReceiveStock,
    count_stock,
    find_stock,
    receive_stock,
)
from tests.support.scenario import NOW, given, stamp
from tests.unit.offer.examples import CD, EXPIRY_TIME, counted, created, held, stock_of


def test_a_first_count_limits_the_product_even_if_it_is_zero() -> None:
    given(created()).when(count_stock, CountStock(CD, 0, allow_backorders=False)).then(counted(CD, 0))


def test_a_count_that_differs_is_recorded() -> None:
    given(created(), counted(CD, 5)).when(count_stock, CountStock(CD, 4, allow_backorders=False)).then(
        counted(CD, 4)
    )
    given(created(), counted(CD, 5)).when(count_stock, CountStock(CD, 5, allow_backorders=True)).then(
        counted(CD, 5, allow_backorders=True)
    )


def test_a_count_without_a_difference_records_nothing() -> None:
    given(created(), counted(CD, 5)).when(
        count_stock, CountStock(CD, 5, allow_backorders=False)
    ).then_nothing()


def test_a_receipt_is_added_to_the_units_on_hand() -> None:
    scenario = given(created(), counted(CD, 5)).when(receive_stock, ReceiveStock(CD, 10))
    scenario.then(facts.Received(**stamp(stock_of(CD)), product_id=CD, quantity=10))
    assert scenario.result.on_hand == 15


def test_a_first_receipt_limits_the_product() -> None:
    scenario = given(created()).when(receive_stock, ReceiveStock(CD, 10))
    assert scenario.result.available(NOW) == 10


def test_an_unknown_product_has_no_stock() -> None:
    given().when(count_stock, CountStock(CD, 5, allow_backorders=False)).then_refused(ProductNotFound)
    given().when(find_stock, CD).then_refused(ProductNotFound)


def test_held_units_are_not_available_until_the_hold_expires() -> None:
    stock: Stock = given(created(), counted(CD, 5), held(CD, 3)).when(find_stock, CD).result
    assert (stock.reserved(NOW), stock.available(NOW)) == (3, 2)
    assert (stock.reserved(EXPIRY_TIME), stock.available(EXPIRY_TIME)) == (0, 5)


def test_after_a_count_below_the_held_units_available_is_negative() -> None:
    stock: Stock = given(created(), counted(CD, 5), held(CD, 5), counted(CD, 3)).when(find_stock, CD).result
    assert stock.available(NOW) == -2
