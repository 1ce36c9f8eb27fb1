"""Rules for which tax is due and how it is rounded."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.basket import Basket, Line
from pricing.promotions import Promotion
from pricing.rounding import Level, Mode, Rounding
from pricing.tax import Destination, TaxRate, TaxTable, rate_from_percent, rates_of_lines, tax_on
from tests.unit.pricing.examples import amount_off, basket, priced, tax, to_germany
from tests.unit.pricing.strategies import AMOUNTS, ROUNDINGS, baskets, promotions, tax_tables

RATES = st.builds(Fraction, st.integers(0, 100_000), st.just(100_000))


def named(name: str, region: str | None = None, category: str | None = None, country: str = "ES") -> TaxRate:
    return TaxRate(country, Fraction(1, 10), name, region=region, tax_category=category)


def name_of_rate(table: TaxTable, category: str | None) -> str | None:
    the_basket = Basket("EUR", (Line("a", "p", 1, 100, tax_category=category),))
    rate = rates_of_lines(the_basket, table)["a"]
    return rate.name if rate else None


def test_a_rate_is_exact() -> None:
    assert rate_from_percent("8.875") == Fraction(71, 800)


def test_without_a_destination_no_tax_is_due() -> None:
    result = priced(basket(1000), taxes=TaxTable((tax("19"),)))
    assert (result.totals.tax, result.totals.total) == (0, 1000)


def test_a_country_without_a_rate_has_no_tax() -> None:
    result = priced(basket(1000), taxes=TaxTable((tax("19"),), Destination("CH")))
    assert (result.totals.tax, result.totals.total) == (0, 1000)


def test_a_tax_on_top_of_the_price_raises_the_total() -> None:
    result = priced(basket(1000), taxes=to_germany(tax("19")))
    assert (result.totals.tax, result.totals.total) == (190, 1190)


def test_a_tax_within_the_price_does_not_change_the_total() -> None:
    result = priced(basket(1190), taxes=to_germany(tax("19", inclusive=True)))
    assert (result.totals.tax, result.totals.total) == (190, 1190)


def test_tax_is_due_on_what_is_left_after_the_discount() -> None:
    result = priced(basket(1000, 1000), amount_off(500), taxes=to_germany(tax("10")))
    assert [line.tax for line in result.lines] == [75, 75]
    assert result.totals.total == 1650


def test_a_category_has_its_own_rate() -> None:
    table = TaxTable((named("general"), named("books", category="books")), Destination("ES"))
    assert name_of_rate(table, "books") == "books"
    assert name_of_rate(table, "toys") == "general"
    assert name_of_rate(table, None) == "general"


def test_a_rate_for_a_category_is_for_no_other_goods() -> None:
    table = TaxTable((named("books", category="books"),), Destination("ES"))
    assert name_of_rate(table, "toys") is None
    assert name_of_rate(table, None) is None


def test_a_region_comes_before_its_country_whatever_the_category() -> None:
    rates = (named("general"), named("books", category="books"), named("islands", region="CN"))
    assert name_of_rate(TaxTable(rates, Destination("ES", "CN")), "books") == "islands"
    assert name_of_rate(TaxTable(rates, Destination("ES", "MD")), "books") == "books"
    own = (*rates, named("island books", region="CN", category="books"))
    assert name_of_rate(TaxTable(own, Destination("ES", "CN")), "books") == "island books"


def test_a_regional_rate_for_a_category_leaves_other_goods_to_the_country() -> None:
    rates = (named("general"), named("island books", region="CN", category="books"))
    assert name_of_rate(TaxTable(rates, Destination("ES", "CN")), "toys") == "general"


@pytest.mark.parametrize(
    ("level", "per_line", "total"), [(Level.LINE, [1, 1, 1], 3), (Level.TOTAL, [1, 1, 0], 2)]
)
def test_rounding_once_for_the_total_can_differ_from_rounding_each_line(
    level: Level, per_line: list[int], total: int
) -> None:
    result = priced(basket(5, 5, 5), taxes=to_germany(tax("10")), rounding=Rounding(level=level))
    assert [line.tax for line in result.lines] == per_line
    assert result.totals.tax == total


def test_rounded_for_the_total_categories_of_one_rate_count_as_one() -> None:
    lines = tuple(Line(key, key, 1, 5, tax_category=key) for key in ("books", "food", "papers"))
    rates = [TaxRate("DE", Fraction(1, 10), "reduced", tax_category=line.tax_category) for line in lines]
    result = priced(Basket("EUR", lines), taxes=to_germany(*rates), rounding=Rounding(level=Level.TOTAL))
    assert result.totals.tax == 2


def test_half_a_cent_of_tax_is_rounded_as_the_policy_says() -> None:
    taxes = to_germany(tax("5"))
    assert priced(basket(1050), taxes=taxes).totals.tax == 53
    assert priced(basket(1050), taxes=taxes, rounding=Rounding(Mode.HALF_EVEN)).totals.tax == 52


def test_of_a_price_with_tax_the_net_is_rounded_as_the_policy_says() -> None:
    """4 / 1.6 is 2.5: the net is 3 or 2, and the tax is the rest."""
    taxes = to_germany(tax("60", inclusive=True))
    assert priced(basket(4), taxes=taxes).totals.tax == 1
    assert priced(basket(4), taxes=taxes, rounding=Rounding(Mode.HALF_EVEN)).totals.tax == 2


def test_the_policy_is_recorded_with_the_result() -> None:
    policy = Rounding(Mode.HALF_EVEN, Level.TOTAL)
    assert priced(basket(1), rounding=policy).rounding == policy


@given(AMOUNTS, RATES, st.sampled_from(Mode))
def test_net_and_tax_within_a_price_are_that_price_and_the_net_is_rounded_right(
    gross: int, rate: Fraction, mode: Mode
) -> None:
    included = tax_on(gross, TaxRate("DE", rate, "VAT", inclusive=True), mode)
    assert 0 <= included <= gross
    assert abs((gross - included) - gross / (1 + rate)) <= Fraction(1, 2)
    if mode is Mode.HALF_UP:
        assert gross - included == floor(gross / (1 + rate) + Fraction(1, 2))


@given(AMOUNTS, RATES)
def test_tax_on_top_of_a_price_is_rounded_half_up(net: int, rate: Fraction) -> None:
    assert tax_on(net, TaxRate("DE", rate, "VAT"), Mode.HALF_UP) == floor(net * rate + Fraction(1, 2))


@given(baskets(), promotions(), tax_tables(st.just(True)), ROUNDINGS)
def test_taxes_within_prices_never_change_what_is_to_pay(
    the_basket: Basket, rules: list[Promotion], taxes: TaxTable, rounding: Rounding
) -> None:
    result = priced(the_basket, *rules, taxes=taxes, rounding=rounding)
    assert result.totals.total == result.totals.subtotal - result.totals.discount
    assert all(0 <= line.tax <= line.total for line in result.lines)


@given(baskets(), promotions(), tax_tables(st.just(False)), ROUNDINGS)
def test_taxes_on_top_of_prices_are_added_to_what_is_to_pay(
    the_basket: Basket, rules: list[Promotion], taxes: TaxTable, rounding: Rounding
) -> None:
    totals = priced(the_basket, *rules, taxes=taxes, rounding=rounding).totals
    assert totals.total == totals.subtotal - totals.discount + totals.tax
