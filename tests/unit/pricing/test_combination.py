"""Rules for using several promotions on one basket."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.basket import Basket, Line
from pricing.priced import Priced
from pricing.promotions import Conditions, Promotion, Reason, Stack
from pricing.rounding import Rounding
from pricing.tax import TaxTable
from tests.unit.pricing.examples import (
    amount_off,
    applied,
    basket,
    percent_off,
    priced,
    rejected,
    tax,
    to_germany,
)
from tests.unit.pricing.strategies import ROUNDINGS, baskets, promotions, tax_tables

ALONE, BEST, STACKED = Stack.EXCLUSIVE, Stack.BEST_OF, Stack.STACKABLE


def test_stackable_promotions_each_see_what_the_ones_before_left() -> None:
    result = priced(basket(1000), percent_off(10, "first", priority=1), percent_off(10, "second", priority=2))
    assert applied(result) == {"first": 100, "second": 90}


def test_the_smaller_priority_goes_first_and_then_the_smaller_id() -> None:
    rules = (
        percent_off(50, "a", priority=2),
        amount_off(100, "c", priority=1),
        amount_off(200, "b", priority=1),
    )
    assert list(applied(priced(basket(1000), *rules)).items()) == [("b", 200), ("c", 100), ("a", 350)]


def test_a_minimum_is_tested_on_what_earlier_promotions_left() -> None:
    from_ten_dollars = percent_off(10, "second", priority=2, conditions=Conditions(minimum_subtotal=1000))
    result = priced(basket(1000), amount_off(1, "first", priority=1), from_ten_dollars)
    assert applied(result) == {"first": 1}
    assert rejected(result) == {"second": Reason.CONDITIONS_NOT_MET}


def test_promotions_that_find_nothing_left_are_rejected() -> None:
    result = priced(basket(1000), percent_off(100, "all", priority=1), amount_off(5, "more", priority=2))
    assert applied(result) == {"all": 1000}
    assert rejected(result) == {"more": Reason.NO_EFFECT}


def test_an_exclusive_promotion_is_used_alone_even_where_others_give_more() -> None:
    result = priced(
        basket(1000), percent_off(5, "alone", ALONE), percent_off(30, "best", BEST), amount_off(400, "stack")
    )
    assert applied(result) == {"alone": 50}
    assert rejected(result) == {"best": Reason.NOT_COMBINABLE, "stack": Reason.NOT_COMBINABLE}


def test_the_first_of_two_exclusive_promotions_is_used() -> None:
    result = priced(
        basket(1000), percent_off(30, "a", ALONE, priority=2), percent_off(5, "b", ALONE, priority=1)
    )
    assert applied(result) == {"b": 50}
    assert rejected(result) == {"a": Reason.NOT_COMBINABLE}


def test_an_exclusive_promotion_that_does_not_apply_excludes_nothing() -> None:
    from_100_dollars = percent_off(50, "alone", ALONE, conditions=Conditions(minimum_subtotal=9999))
    result = priced(basket(1000), from_100_dollars, amount_off(100, "stack"))
    assert applied(result) == {"stack": 100}
    assert rejected(result) == {"alone": Reason.CONDITIONS_NOT_MET}


def test_the_best_of_several_promotions_is_used() -> None:
    rules = (percent_off(10, "percent", BEST), amount_off(150, "amount", BEST))
    assert applied(priced(basket(1000), *rules)) == {"amount": 150}
    assert applied(priced(basket(2000), *rules)) == {"percent": 200}
    assert rejected(priced(basket(2000), *rules)) == {"amount": Reason.BETTER_DISCOUNT_APPLIED}


def test_a_best_of_promotion_stands_against_all_stackable_ones_together() -> None:
    stack = (amount_off(100, "s1"), amount_off(100, "s2"))
    assert applied(priced(basket(1000), percent_off(15, "best", BEST), *stack)) == {"s1": 100, "s2": 100}
    better = priced(basket(1000), percent_off(25, "best", BEST), *stack)
    assert applied(better) == {"best": 250}
    assert rejected(better) == {
        "s1": Reason.BETTER_DISCOUNT_APPLIED,
        "s2": Reason.BETTER_DISCOUNT_APPLIED,
    }


def test_the_best_is_the_one_with_the_lowest_final_total_and_not_the_largest_discount() -> None:
    """1.05 off untaxed bread saves less than 1.00 off a lamp with 19 % tax on top."""
    shop = Basket(
        "EUR", (Line("a", "bread", 1, 1000, "food", tax_category="food"), Line("b", "lamp", 1, 1000, "home"))
    )
    food, home = Conditions(categories=frozenset({"food"})), Conditions(categories=frozenset({"home"}))
    result = priced(
        shop,
        amount_off(105, "larger", BEST, conditions=food, currency="EUR"),
        amount_off(100, "taxed", BEST, conditions=home, currency="EUR"),
        taxes=to_germany(tax("0", category="food"), tax("19")),
    )
    assert applied(result) == {"taxed": 100}
    assert result.totals.total == 1000 + 900 + 171


@pytest.mark.parametrize(("priority", "winner"), [(0, "a"), (2, "b")])
def test_of_equally_good_promotions_the_one_whose_turn_is_first_is_used(priority: int, winner: str) -> None:
    rules = (percent_off(10, "a", BEST, priority), amount_off(100, "b", STACKED, priority=1))
    assert applied(priced(basket(1000), *rules)) == {winner: 100}


def test_two_promotions_with_the_same_id_are_refused() -> None:
    with pytest.raises(ValueError, match="same id"):
        priced(basket(1000), percent_off(10, "same"), amount_off(10, "same"))


@given(baskets(), promotions(), tax_tables(), ROUNDINGS)
def test_every_promotion_is_either_applied_or_rejected_with_a_reason(
    the_basket: Basket, rules: list[Promotion], taxes: TaxTable, rounding: Rounding
) -> None:
    result = priced(the_basket, *rules, taxes=taxes, rounding=rounding)
    ids = [*applied(result), *rejected(result)]
    assert sorted(ids) == sorted(rule.promotion_id for rule in rules)
    assert all(discount.amount > 0 for discount in result.discounts)


@given(baskets(), promotions(st.just(BEST)), tax_tables(), ROUNDINGS)
def test_no_other_best_of_promotion_would_have_made_a_lower_total(
    the_basket: Basket, rules: list[Promotion], taxes: TaxTable, rounding: Rounding
) -> None:
    def with_only(*chosen: Promotion) -> Priced:
        return priced(the_basket, *chosen, taxes=taxes, rounding=rounding)

    result = with_only(*rules)
    assert len(result.discounts) <= 1
    assert all(result.totals.total <= with_only(rule).totals.total for rule in rules)


@given(baskets(), promotions(), st.permutations(range(4)))
def test_the_order_in_which_promotions_come_does_not_matter(
    the_basket: Basket, rules: list[Promotion], order: list[int]
) -> None:
    shuffled = [rules[index] for index in order if index < len(rules)]
    assert priced(the_basket, *shuffled) == priced(the_basket, *rules)
