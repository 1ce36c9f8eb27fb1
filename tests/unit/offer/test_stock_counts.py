"""Counts and receipts: what lies on the shelf, whatever has been promised of it."""

from contracts import stock as facts
from offer.application.count_stock import CountStock, count_stock
from offer.application.find_stock import find_stock
from offer.application.receive_stock import ReceiveStock, receive_stock
from offer.domain.errors import ProductNotFound
from offer.domain.stock import Stock
from tests.support.scenario import NOW, given, stamp
from tests.unit.offer.examples import CD, OVER, counted, created, held, stock_of


def test_a_first_count_limits_the_product_even_if_it_finds_nothing() -> None:
    given(created()).when(count_stock, CountStock(CD, 0, allow_backorders=False)).then(counted(CD, 0))


def test_a_count_that_differs_is_a_fact() -> None:
    given(created(), counted(CD, 5)).when(count_stock, CountStock(CD, 4, allow_backorders=False)).then(
        counted(CD, 4)
    )
    given(created(), counted(CD, 5)).when(count_stock, CountStock(CD, 5, allow_backorders=True)).then(
        counted(CD, 5, allow_backorders=True)
    )


def test_a_count_that_finds_what_the_books_say_is_none() -> None:
    given(created(), counted(CD, 5)).when(
        count_stock, CountStock(CD, 5, allow_backorders=False)
    ).then_nothing()


def test_goods_that_come_in_are_added() -> None:
    scenario = given(created(), counted(CD, 5)).when(receive_stock, ReceiveStock(CD, 10))
    scenario.then(facts.Received(**stamp(stock_of(CD)), product_id=CD, quantity=10))
    assert scenario.result.on_hand == 15


def test_a_first_receipt_limits_the_product() -> None:
    scenario = given(created()).when(receive_stock, ReceiveStock(CD, 10))
    assert scenario.result.available(NOW) == 10


def test_only_products_have_a_stock() -> None:
    given().when(count_stock, CountStock(CD, 5, allow_backorders=False)).then_refused(ProductNotFound)
    given().when(find_stock, CD).then_refused(ProductNotFound)


def test_what_is_promised_is_not_available_until_the_promise_is_over() -> None:
    stock: Stock = given(created(), counted(CD, 5), held(CD, 3)).when(find_stock, CD).result
    assert (stock.reserved(NOW), stock.available(NOW)) == (3, 2)
    assert (stock.reserved(OVER), stock.available(OVER)) == (0, 5)


def test_a_count_below_what_is_promised_shows_how_much_is_owed() -> None:
    stock: Stock = given(created(), counted(CD, 5), held(CD, 5), counted(CD, 3)).when(find_stock, CD).result
    assert stock.available(NOW) == -2
