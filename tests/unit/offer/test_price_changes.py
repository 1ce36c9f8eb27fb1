"""Changes of many prices: how one price changes, and which entries do."""

import pytest

from contracts.price_change import PriceRule
from offer.imports.domain.price_change import TooLarge, Where, new_price, with_new_prices
from pricing.rounding import Mode
from tests.unit.offer.examples import details


@pytest.mark.parametrize(
    ("kind", "value", "round_to", "old", "new"),
    [
        pytest.param("percentage", "7.5", 10, 1999, 2150, id="E6: 2149 to tens"),
        pytest.param("percentage", "-12.5", 1, 1999, 1749, id="E6: 1749.125"),
        pytest.param("percentage", "3", 100, 4990, 5100, id="E6: 5139.7 is 5140, to hundreds"),
        pytest.param("percentage", "-99.99", 1, 100, 0, id="nearly nothing"),
        pytest.param("fixed_amount", "-500", 1, 300, 0, id="not below 0"),
        pytest.param("fixed_amount", "150", 100, 1000, 1200, id="half up"),
        pytest.param("set_price", "990", 1, 1999, 990, id="set"),
    ],
)
def test_e6_a_price_changes_is_rounded_and_stays_at_least_0(
    kind: str, value: str, round_to: int, old: int, new: int
) -> None:
    assert new_price(old, PriceRule(type=kind, value=value), round_to, Mode.HALF_UP) == new


def test_a_percentage_is_rounded_by_the_mode_of_the_tenant() -> None:
    rule = PriceRule(type="percentage", value="25")
    assert [new_price(10, rule, 1, mode) for mode in (Mode.HALF_UP, Mode.HALF_EVEN)] == [13, 12]


def test_entries_with_exactly_the_currency_region_and_segment_change_tiers_too() -> None:
    tier = {"min_quantity": 5, "amount": 900, "currency": "USD", "region": None, "segment": None}
    vip = {"amount": 800, "currency": "USD", "segment": "vip"}
    product = details(prices=[{"amount": 1000, "currency": "USD"}, vip], tiers=[tier])
    changed = with_new_prices(
        product, Where("USD", None, None), PriceRule(type="fixed_amount", value="50"), 1, Mode.HALF_UP
    )
    assert changed is not None
    assert [it.amount for it in changed.details.prices] == [1050, 800]
    assert [it["amount"] for it in changed.details.tiers] == [950]
    assert (changed.old, changed.new) == (1000, 1050)


def test_a_product_without_such_an_entry_does_not_change() -> None:
    rule = PriceRule(type="set_price", value="5")
    assert with_new_prices(details(), Where("EUR", None, None), rule, 1, Mode.HALF_UP) is None
    assert with_new_prices(details(amount=5), Where("USD", None, None), rule, 1, Mode.HALF_UP) is None


def test_a_price_has_a_limit() -> None:
    rule = PriceRule(type="percentage", value="1000")
    with pytest.raises(TooLarge):
        with_new_prices(details(amount=10**12), Where("USD", None, None), rule, 1, Mode.HALF_UP)
