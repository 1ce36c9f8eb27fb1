"""Rules for the totals of any basket."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.allocation import allocate_to_units
from pricing.basket import SHIPPING, Basket, Line
from pricing.derivation import digest
from pricing.promotions import Promotion
from pricing.rounding import Rounding
from pricing.shipping import Shipping
from pricing.tax import TaxTable
from tests.unit.pricing.examples import percent_off, priced, tax, to_germany
from tests.unit.pricing.strategies import ROUNDINGS, SHIPPINGS, baskets, promotions, tax_tables


def test_an_empty_basket_costs_nothing() -> None:
    result = priced(Basket("USD", ()), percent_off(10), taxes=to_germany(tax("19")))
    assert result.lines == ()
    assert result.totals.total == result.totals.subtotal == 0


def test_a_line_costs_its_units() -> None:
    result = priced(Basket("USD", (Line("a", "cd", 3, 1177),)))
    assert (result.totals.subtotal, result.totals.shipping, result.totals.total) == (3531, 0, 3531)


def test_two_lines_with_a_code_and_tax_are_priced_to_the_cent() -> None:
    shop = Basket("USD", (Line("a", "cd", 2, 1999), Line("b", "pen", 1, 550)))
    result = priced(shop, percent_off(15), taxes=to_germany(tax("8.875")))
    assert [(line.subtotal, line.discount, line.tax, line.total) for line in result.lines] == [
        (3998, 600, 302, 3700),
        (550, 82, 42, 510),
    ]
    assert result.totals.total == 4210


@pytest.mark.parametrize(("quantity", "unit_price"), [(0, 100), (-1, 100), (1, -1)])
def test_a_line_has_units_and_a_price(quantity: int, unit_price: int) -> None:
    with pytest.raises(ValueError, match="line a"):
        Line("a", "cd", quantity, unit_price)


def test_every_line_has_an_id_of_its_own() -> None:
    with pytest.raises(ValueError, match="same id"):
        Basket("USD", (Line("a", "cd", 1, 1), Line("a", "pen", 1, 1)))


@given(baskets(), promotions(), tax_tables(), ROUNDINGS, SHIPPINGS)
def test_every_total_is_the_sum_of_its_parts_and_nothing_is_negative(
    the_basket: Basket, rules: list[Promotion], taxes: TaxTable, rounding: Rounding, shipping: Shipping | None
) -> None:
    result = priced(the_basket, *rules, taxes=taxes, rounding=rounding, shipping=shipping)
    totals, shipped = result.totals, result.shipping
    shipping_tax, shipping_total = (shipped.tax, shipped.total) if shipped else (0, 0)
    assert totals.subtotal == sum(line.subtotal for line in result.lines)
    assert totals.discount == sum(line.discount for line in result.lines)
    assert totals.tax == sum(line.tax for line in result.lines) + shipping_tax
    assert totals.total == sum(line.total for line in result.lines) + shipping_total
    for line in result.lines:
        assert 0 <= line.discount <= line.subtotal
        assert line.tax >= 0
        assert line.total >= 0
    if shipped:
        assert 0 <= shipped.discount <= shipped.charge.price
        assert totals.shipping == shipped.charge.price - shipped.discount
        assert min(shipped.tax, shipped.total) >= 0


@given(baskets(), promotions(), tax_tables(), ROUNDINGS, SHIPPINGS)
def test_discounts_by_line_and_by_promotion_are_the_same_money(
    the_basket: Basket, rules: list[Promotion], taxes: TaxTable, rounding: Rounding, shipping: Shipping | None
) -> None:
    result = priced(the_basket, *rules, taxes=taxes, rounding=rounding, shipping=shipping)
    on_goods = [it for it in result.discounts if SHIPPING not in it.allocation]
    assert sum(it.amount for it in on_goods) == result.totals.discount
    for discount in result.discounts:
        assert sum(discount.allocation.values()) == discount.amount
    for discount in on_goods:
        on_lines = {line.line_id: line.discounts.get(discount.promotion_id, 0) for line in result.lines}
        assert {key: share for key, share in on_lines.items() if share} == discount.allocation
    assert all(sum(line.discounts.values()) == line.discount for line in result.lines)
    on_shipping = sum(it.amount for it in result.discounts if SHIPPING in it.allocation)
    assert on_shipping == (result.shipping.discount if result.shipping else 0)


@given(baskets(), promotions(), tax_tables(), ROUNDINGS)
def test_refunding_every_unit_gives_back_the_line(
    the_basket: Basket, rules: list[Promotion], taxes: TaxTable, rounding: Rounding
) -> None:
    for line in priced(the_basket, *rules, taxes=taxes, rounding=rounding).lines:
        assert sum(allocate_to_units(line.total, line.quantity)) == line.total
        assert max(allocate_to_units(line.discount, line.quantity)) <= line.unit_price


@given(baskets(), promotions(), tax_tables(), ROUNDINGS, SHIPPINGS, st.data())
def test_the_order_of_lines_rules_and_rates_changes_no_amount(
    the_basket: Basket,
    rules: list[Promotion],
    taxes: TaxTable,
    rounding: Rounding,
    shipping: Shipping | None,
    data: st.DataObject,
) -> None:
    result = priced(the_basket, *rules, taxes=taxes, rounding=rounding, shipping=shipping)
    again = priced(
        replace(the_basket, lines=tuple(data.draw(st.permutations(the_basket.lines)))),
        *data.draw(st.permutations(rules)),
        taxes=replace(taxes, rates=tuple(data.draw(st.permutations(taxes.rates)))),
        rounding=rounding,
        shipping=shipping,
    )
    assert {line.line_id: line for line in again.lines} == {line.line_id: line for line in result.lines}
    assert (again.totals, again.discounts, again.rejected, again.shipping) == (
        result.totals,
        result.discounts,
        result.rejected,
        result.shipping,
    )
    assert digest(again) == digest(result)


@given(baskets(), promotions(), tax_tables())
def test_higher_unit_prices_never_lower_a_total_and_promotions_never_raise_it(
    the_basket: Basket, rules: list[Promotion], taxes: TaxTable
) -> None:
    dearer = replace(
        the_basket, lines=tuple(replace(line, unit_price=line.unit_price + 1) for line in the_basket.lines)
    )
    assert priced(dearer, taxes=taxes).totals.total >= priced(the_basket, taxes=taxes).totals.total
    assert (
        priced(the_basket, *rules, taxes=taxes).totals.total <= priced(the_basket, taxes=taxes).totals.total
    )
