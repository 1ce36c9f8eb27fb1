"""Rules for choosing one of a product's prices."""

from hypothesis import given
from hypothesis import strategies as st

from pricing.selection import PriceEntry, unit_price_for

LIST = PriceEntry("USD", 1000)
NORTH = PriceEntry("USD", 1100, region="north")
LOYAL = PriceEntry("USD", 900, segment="loyal")
LOYAL_NORTH = PriceEntry("USD", 950, region="north", segment="loyal")
ALL = (LIST, NORTH, LOYAL, LOYAL_NORTH, PriceEntry("EUR", 800))


def test_the_price_of_the_currency_is_for_everyone() -> None:
    assert unit_price_for(ALL, "USD") == 1000
    assert unit_price_for(ALL, "EUR", region="north", segment="loyal") == 800


def test_a_regional_price_beats_the_price_of_the_currency() -> None:
    assert unit_price_for(ALL, "USD", region="north") == 1100
    assert unit_price_for(ALL, "USD", region="south") == 1000


def test_a_segment_has_its_own_price() -> None:
    assert unit_price_for(ALL, "USD", segment="loyal") == 900
    assert unit_price_for(ALL, "USD", segment="new") == 1000


def test_a_segment_may_have_its_own_price_in_a_region() -> None:
    assert unit_price_for(ALL, "USD", region="north", segment="loyal") == 950


def test_a_regional_price_beats_a_segment_price_of_the_currency() -> None:
    assert unit_price_for((LIST, LOYAL, NORTH), "USD", region="north", segment="loyal") == 1100


def test_a_product_without_a_price_in_the_currency_has_none() -> None:
    assert unit_price_for(ALL, "JPY") is None
    assert unit_price_for((NORTH,), "USD", region="south") is None


def test_a_price_of_nothing_is_a_price() -> None:
    assert unit_price_for((PriceEntry("USD", 0),), "USD") == 0


@given(st.permutations([*ALL, PriceEntry("USD", 1050)]))
def test_the_order_of_the_prices_does_not_matter(prices: list[PriceEntry]) -> None:
    assert unit_price_for(prices, "USD") == 1000
    assert unit_price_for(prices, "USD", "north", "loyal") == 950
