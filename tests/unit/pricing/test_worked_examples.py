"""The worked examples of promotions, combinations and taxes, by their numbers. Amounts are minor units."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from contracts.promotion import Terms
from pricing.allocation import allocate_to_units
from pricing.basket import SHIPPING, Basket, Line
from pricing.customer import UNKNOWN_CUSTOMER
from pricing.from_contracts import promotion_of
from pricing.priced import Priced
from pricing.promotions import Promotion, Reason, may_stay_idle
from pricing.rounding import Level, Mode, Rounding
from pricing.shipping import ChosenShipping, ShippingRate
from pricing.tax import Destination, TaxRate, TaxTable, rate_from_percent
from tests.unit.pricing.examples import NO_TAX, applied, priced, rejected

A, B, C = (str(UUID(int=number)) for number in (1, 2, 3))
"""The promotions' ids, in the order in which they were created."""
POST = ShippingRate(UUID(int=9), "Post", "USD", ((500, 490), (2000, 790), (None, 1490)))
BY_POST = ChosenShipping((POST,), Destination("DE"))


def line(number: int, unit_price: int, quantity: int = 1, category: str | None = None, **other: Any) -> Line:
    return Line(str(number), f"{UUID(int=100 + number)}", quantity, unit_price, category, **other)


def basket(*lines: Line | int, currency: str = "USD") -> Basket:
    """An amount stands for one unit at this price."""
    return Basket(
        currency,
        tuple(line(number, it) if isinstance(it, int) else it for number, it in enumerate(lines, 1)),
    )


def rule(
    promotion_id: str,
    value: str | int = 0,
    kind: str = "percentage",
    *,
    priority: int = 0,
    cap: int | None = None,
    mode: str = "stackable",
    **terms: Any,
) -> Promotion:
    stacking = {"mode": mode, "priority": priority, "cap": cap}
    fields = {"kind": kind, "value": str(value), "stacking": stacking, **terms}
    return promotion_of(UUID(promotion_id), Terms.model_validate(fields))


def amount(promotion_id: str, value: int, currency: str = "USD", **terms: Any) -> Promotion:
    return rule(promotion_id, value, "fixed_amount", currency=currency, **terms)


def percent_table(*rates: tuple[str, str | None], inclusive: bool = False) -> TaxTable:
    """Rates of Germany, for a destination there: percent, category."""
    return TaxTable(
        tuple(
            TaxRate("DE", rate_from_percent(it), f"VAT {it}", inclusive, tax_category=category)
            for it, category in rates
        ),
        Destination("DE"),
    )


def shares(result: Priced) -> dict[str, int]:
    """By line, all promotions together."""
    return {it.line_id: it.discount for it in result.lines}


def test_e17_a_quarter_of_1002() -> None:
    result = priced(basket(1002), rule(A, 25))
    assert (result.totals.discount, result.totals.total) == (251, 751)
    result = priced(basket(1002), rule(A, 25), rounding=Rounding(Mode.HALF_EVEN))
    assert (result.totals.discount, result.totals.total) == (250, 752)


def test_e18_the_smaller_priority_comes_first() -> None:
    result = priced(basket(10000), rule(A, 10, priority=1), amount(B, 500, priority=2))
    assert (applied(result), result.totals.total) == ({A: 1000, B: 500}, 8500)
    result = priced(basket(10000), rule(A, 10, priority=2), amount(B, 500, priority=1))
    assert (applied(result), result.totals.total) == ({B: 500, A: 950}, 8550)


def test_e19_a_cap_limits_each_discount() -> None:
    first = rule(A, 20, cap=1500)
    assert applied(priced(basket(12000), first)) == {A: 1500}
    result = priced(basket(12000), first, rule(B, 10, cap=900))
    assert (applied(result), result.totals.total) == ({A: 1500, B: 900}, 9600)


def test_e20_an_exclusive_promotion_is_used_alone() -> None:
    rules = rule(A, 5, mode="exclusive", priority=9), rule(B, 20), rule(C, 30, mode="best_of")
    result = priced(basket(10000), *rules)
    assert applied(result) == {A: 500}
    assert rejected(result) == {B: Reason.NOT_COMBINABLE, C: Reason.NOT_COMBINABLE}


def test_e21_an_exclusive_promotion_without_effect_excludes_nothing() -> None:
    alone = rule(A, 50, mode="exclusive", conditions={"minimum_subtotal": 20000})
    result = priced(basket(10000), alone, rule(B, 20))
    assert (applied(result), rejected(result)) == ({B: 2000}, {A: Reason.CONDITIONS_NOT_MET})


def test_e22_a_best_of_promotion_stands_against_all_stackable_ones() -> None:
    stack = rule(B, 10, priority=1), amount(C, 500, priority=2)
    assert applied(priced(basket(10000), rule(A, 25, mode="best_of"), *stack)) == {A: 2500}
    assert applied(priced(basket(10000), rule(A, 12, mode="best_of"), *stack)) == {B: 1000, C: 500}


def test_e23_of_equal_totals_the_earlier_turn_wins() -> None:
    stack = rule(B, 10, priority=1), amount(C, 500, priority=2)
    later = priced(basket(10000), rule(A, 15, mode="best_of", priority=5), *stack)
    assert (applied(later), later.totals.discount) == ({B: 1000, C: 500}, 1500)
    earlier = priced(basket(10000), rule(A, 15, mode="best_of", priority=0), *stack)
    assert applied(earlier) == {A: 1500}


def test_e24_the_lowest_total_with_tax_wins() -> None:
    shop = basket(
        line(1, 5000, category="books", tax_category="books"), line(2, 5000, category="tech"), currency="EUR"
    )
    off_books = amount(A, 1000, "EUR", mode="best_of", conditions={"categories": ["books"]})
    off_tech = amount(B, 950, "EUR", mode="best_of", conditions={"categories": ["tech"]})
    taxes = percent_table(("7", "books"), ("19", None))
    result = priced(shop, off_books, off_tech, taxes=taxes)
    assert (applied(result), result.totals.total) == ({B: 950}, 10170)
    assert priced(shop, off_books, taxes=taxes).totals.total == 10230


def test_e25_a_minimum_looks_at_what_is_left() -> None:
    second = rule(B, 10, priority=2, conditions={"minimum_subtotal": 5000})
    result = priced(basket(5200), amount(A, 300, priority=1), second)
    assert (applied(result), rejected(result)) == ({A: 300}, {B: Reason.CONDITIONS_NOT_MET})
    assert result.totals.total == 4900


def volume(basis: str, *tiers: tuple[int, str, int], **terms: Any) -> Promotion:
    """``tiers``: from, percent or amount, and its value."""
    listed = [{"from": start, unit: value} for start, unit, value in tiers]
    return rule(A, 0, "volume", rule={"basis": basis, "tiers": listed}, **terms)


@pytest.mark.parametrize(("quantity", "off"), [(2, 0), (4, 250), (5, 625)])
def test_e26_volume_by_quantity(quantity: int, off: int) -> None:
    tiers = volume("quantity", (3, "percent", 5), (5, "percent", 10), (10, "percent", 15))
    result = priced(basket(line(1, 1250, quantity)), tiers)
    assert result.totals.discount == off
    assert rejected(result) == ({} if off else {A: Reason.CONDITIONS_NOT_MET})


@pytest.mark.parametrize(("value", "off"), [(9999, 0), (19999, 500), (20000, 1600)])
def test_e27_volume_by_value(value: int, off: int) -> None:
    tiers = volume("value", (10000, "amount", 500), (20000, "percent", 8), currency="USD")
    assert priced(basket(value), tiers).totals.discount == off


@pytest.mark.parametrize(("seats", "off", "total"), [(24, 4560, 41040), (25, 9500, 38000)])
def test_e28_volume_of_seats(seats: int, off: int, total: int) -> None:
    tiers = volume("quantity", (10, "percent", 10), (25, "percent", 20), (100, "percent", 30))
    result = priced(basket(line(1, 1900, seats)), tiers)
    assert (result.totals.discount, result.totals.total) == (off, total)


def test_e28_units_of_an_offers_component_count() -> None:
    tiers = volume("quantity", (10, "percent", 10))
    assert priced(basket(line(1, 1900, 2, units=5)), tiers).totals.discount == 380
    assert priced(basket(line(1, 1900, 2, units=4)), tiers).totals.discount == 0


def buy_get(
    buy: int, get: int, value: int = 100, bought: Any = None, given: Any = None, select: str = "cheapest"
) -> Promotion:
    parts = {
        "buy": {"selector": bought or {}, "quantity": buy},
        "get": {"selector": given or {}, "quantity": get},
        "select": select,
    }
    return rule(B, value, "buy_x_get_y", rule=parts)


def test_e29_the_cheapest_or_the_dearest_are_given() -> None:
    shop = basket(1000, 800, 600, 400, 200, 100)
    result = priced(shop, buy_get(2, 1))
    assert shares(result) == {"1": 0, "2": 0, "3": 0, "4": 0, "5": 200, "6": 100}
    assert result.totals.total == 2800
    result = priced(shop, buy_get(2, 1, select="dearest"))
    assert shares(result) == {"1": 1000, "2": 800, "3": 0, "4": 0, "5": 0, "6": 0}
    assert result.totals.total == 1300


@pytest.mark.parametrize(
    ("quantity", "off", "total"), [(2, 0, 998), (7, 998, 2495), (8, 998, 2994), (9, 1497, 2994)]
)
def test_e30_an_incomplete_application_gives_nothing(quantity: int, off: int, total: int) -> None:
    result = priced(basket(line(1, 499, quantity)), buy_get(2, 1))
    assert (result.totals.discount, result.totals.total) == (off, total)


def test_e31_half_of_a_mouse_with_a_laptop() -> None:
    shop = basket(line(1, 99900, category="laptop"), line(2, 2599, 2, category="mouse"))
    half = buy_get(1, 1, 50, {"categories": ["laptop"]}, {"categories": ["mouse"]})
    assert shares(priced(shop, half)) == {"1": 0, "2": 1300}


def test_e32_what_is_given_is_not_bought() -> None:
    shop = basket(line(1, 1500, 2, category="x"), line(2, 700, category="z"))
    result = priced(shop, buy_get(2, 1, given={"categories": ["x"]}))
    assert shares(result) == {"1": 1500, "2": 0}


def test_e33_units_share_what_earlier_promotions_left() -> None:
    result = priced(basket(line(1, 333, 3)), rule(A, 10), buy_get(2, 1))
    assert applied(result) == {A: 100, B: 299}
    assert result.totals.total == 600
    assert allocate_to_units(899, 3) == (300, 300, 299)


def bundle(value: int, *items: tuple[dict[str, Any], int], value_type: str = "percentage") -> Promotion:
    listed = [{"selector": selector, "quantity": quantity} for selector, quantity in items]
    return rule(A, value, "bundle", currency="USD", value_type=value_type, rule={"items": listed})


def only(category: str, quantity: int = 1) -> tuple[dict[str, Any], int]:
    return {"categories": [category]}, quantity


def test_e34_a_bundle_by_percentage_and_by_price() -> None:
    shop = basket(line(1, 9900, category="a"), line(2, 7900, category="b"))
    assert shares(priced(shop, bundle(15, only("a"), only("b")))) == {"1": 1485, "2": 1185}
    shop = basket(line(1, 3000, 2, category="a"), line(2, 2000, 3, category="b"))
    result = priced(shop, bundle(4500, only("a"), only("b"), value_type="fixed_price"))
    assert (result.totals.discount, shares(result)) == (1000, {"1": 600, "2": 400})


def test_e35_a_bundle_takes_the_dearest_units_that_match() -> None:
    courses = basket(
        *(line(number, it, category="course") for number, it in enumerate((9900, 7900, 4900, 2900), 1))
    )
    result = priced(courses, bundle(15000, only("course", 3), value_type="fixed_price"))
    assert (result.totals.discount, shares(result)) == (7700, {"1": 3358, "2": 2680, "3": 1662, "4": 0})
    shop = basket(line(1, 5000, category="x"), line(2, 4000, category="x"), line(3, 3000, category="x"))
    third = {"product_ids": [str(UUID(int=103))]}, 1
    result = priced(shop, bundle(1000, only("x"), third, value_type="fixed_amount"))
    assert shares(result) == {"1": 625, "2": 0, "3": 375}


def test_e36_several_upsells_are_cheaper() -> None:
    ten = rule(A, 10, "multi_upsell")
    shop = basket(9900, line(2, 1799, upsell_id="u1"), line(3, 899, upsell_id="u2"))
    result = priced(shop, ten)
    assert (result.totals.discount, shares(result)) == (270, {"1": 0, "2": 180, "3": 90})
    one = basket(9900, line(2, 1799, upsell_id="u1"), line(3, 899, upsell_id="u1"))
    assert rejected(priced(one, ten)) == {A: Reason.CONDITIONS_NOT_MET}


def test_e37_nothing_is_below_zero() -> None:
    result = priced(basket(2500, 1499), amount(A, 5000))
    assert (result.totals.discount, result.totals.total) == (3999, 0)
    assert applied(priced(basket(1500), amount(A, 2000))) == {A: 1500}


def test_e38_shares_add_up_to_the_cent() -> None:
    assert shares(priced(basket(999, 999, 999), amount(A, 1000))) == {"1": 334, "2": 333, "3": 333}
    result = priced(basket(59, 6, 57, 58, 11, 51, 2, 1), amount(A, 214))
    assert list(shares(result).values()) == [51, 5, 50, 51, 10, 44, 2, 1]
    (three,) = priced(basket(line(1, 1000, 3)), amount(A, 1000)).lines
    assert allocate_to_units(three.discount, 3) == (334, 333, 333)
    assert allocate_to_units(three.total, 3) == (667, 667, 666)


PARCEL = basket(line(1, 5000, weight_grams=400, requires_shipping=True))


def test_e41_free_shipping_is_a_discount_on_the_shipping() -> None:
    free = rule(A, 0, "free_shipping")
    result = priced(PARCEL, free, shipping=BY_POST)
    assert (result.totals.shipping, result.totals.discount, result.totals.total) == (0, 0, 5000)
    (discount,) = result.discounts
    assert (discount.amount, discount.allocation) == (490, {SHIPPING: 490})

    capped = priced(PARCEL, rule(A, 0, "free_shipping", cap=300), shipping=BY_POST)
    assert (capped.totals.shipping, capped.totals.total) == (190, 5190)

    best = rule(A, 0, "free_shipping", mode="best_of"), rule(B, 5, mode="best_of")
    result = priced(PARCEL, *best, shipping=BY_POST)
    assert (applied(result), rejected(result)) == ({A: 490}, {B: Reason.BETTER_DISCOUNT_APPLIED})

    digital = basket(5000)
    assert rejected(priced(digital, free, shipping=BY_POST)) == {A: Reason.NO_EFFECT}
    assert may_stay_idle(free, UNKNOWN_CUSTOMER, shipping_is_due=False)
    assert not may_stay_idle(free, UNKNOWN_CUSTOMER, shipping_is_due=True)


@pytest.mark.parametrize(
    ("amount_", "currency", "percent", "inclusive", "mode", "tax", "total"),
    [
        (1999, "USD", "8.875", False, Mode.HALF_UP, 177, 2176),
        (1999, "EUR", "19", True, Mode.HALF_UP, 319, 1999),
        (1080, "JPY", "10", True, Mode.HALF_UP, 98, 1080),
        (333, "JPY", "8", False, Mode.HALF_UP, 27, 360),
        (1250, "KWD", "5", False, Mode.HALF_UP, 63, 1313),
        (1250, "KWD", "5", False, Mode.HALF_EVEN, 62, 1312),
        (1999, "BHD", "10", True, Mode.HALF_UP, 182, 1999),
    ],
)
def test_e42_tax_in_many_currencies(
    amount_: int, currency: str, percent: str, inclusive: bool, mode: Mode, tax: int, total: int
) -> None:
    taxes = percent_table((percent, None), inclusive=inclusive)
    result = priced(basket(amount_, currency=currency), taxes=taxes, rounding=Rounding(mode))
    assert (result.totals.tax, result.totals.total) == (tax, total)


def test_e43_tax_by_line_and_by_rate_group() -> None:
    taxes, by_group = percent_table(("19", None)), Rounding(level=Level.TOTAL)
    three = basket(108, 108, 108, currency="EUR")
    result = priced(three, taxes=taxes)
    assert (result.totals.tax, result.totals.total) == (63, 387)
    result = priced(three, taxes=taxes, rounding=by_group)
    assert (result.totals.tax, [it.tax for it in result.lines], result.totals.total) == (
        62,
        [21, 21, 20],
        386,
    )
    result = priced(basket(line(1, 108, 3), currency="EUR"), taxes=taxes)
    assert (result.totals.tax, result.totals.total) == (62, 386)


def test_e44_discounts_come_before_tax_by_rate() -> None:
    """Defect S9: one rate for the whole basket."""
    two_rates = percent_table(("7", "books"), ("19", None))
    shop = basket(line(1, 1000, tax_category="books"), 2000, currency="EUR")
    result = priced(shop, rule(A, 10), taxes=two_rates)
    assert (result.totals.discount, shares(result)) == (300, {"1": 100, "2": 200})
    assert [it.tax for it in result.lines] == [63, 342]
    assert result.totals.tax == 405

    inside = percent_table(("19", None), inclusive=True)
    result = priced(basket(1999, 999, currency="EUR"), rule(A, 15), taxes=inside)
    assert (result.totals.discount, shares(result)) == (450, {"1": 300, "2": 150})
    assert [it.tax for it in result.lines] == [271, 136]

    shipped = priced(PARCEL, taxes=inside, shipping=BY_POST)
    assert (shipped.lines[0].tax, shipped.totals.tax) == (798, 798 + 78)


def test_e44_a_regions_general_rate_takes_precedence_over_a_countrys_special_one() -> None:
    rates = (
        TaxRate("US", rate_from_percent("8.875"), "NY", region="NY"),
        TaxRate("US", rate_from_percent("0"), "books", tax_category="books"),
    )
    books = basket(line(1, 2000, tax_category="books"))
    for region, tax in (("NY", 178), ("CA", 0)):
        assert priced(books, taxes=TaxTable(rates, Destination("US", region))).totals.tax == tax


def test_the_order_of_lines_changes_no_amount_of_an_example() -> None:
    shop = basket(line(1, 3000, 2, category="a"), line(2, 2000, 3, category="b"))
    rules = bundle(4500, only("a"), only("b"), value_type="fixed_price"), buy_get(2, 1)
    forwards = priced(shop, *rules, taxes=NO_TAX)
    backwards = priced(replace(shop, lines=shop.lines[::-1]), *rules, taxes=NO_TAX)
    assert shares(forwards) == shares(backwards)
