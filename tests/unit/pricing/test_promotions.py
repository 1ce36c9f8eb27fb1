"""Rules for the discount of one promotion, and for its rejection."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from pricing.basket import Basket, Line
from pricing.customer import UNKNOWN_CUSTOMER, Customer
from pricing.percent import Percent, percent
from pricing.promotions import Conditions, Promotion, Reason, may_stay_idle
from pricing.rounding import Mode, Rounding
from tests.unit.pricing.examples import NOW, amount_off, applied, basket, percent_off, priced, rejected

SHELF = Basket(
    "USD",
    (
        Line("a", "novel", 1, 1000, category="books", collections=frozenset({"summer", "new"})),
        Line("b", "atlas", 2, 2000, category="books"),
        Line("c", "mug", 1, 500, category="kitchen", collections=frozenset({"summer"})),
    ),
)


def test_a_percentage_is_taken_off_every_line() -> None:
    result = priced(basket(1000, 2000), percent_off(10))
    assert [(line.discount, line.total) for line in result.lines] == [(100, 900), (200, 1800)]
    assert result.totals.total == 2700


def test_a_percentage_is_rounded_once_for_the_whole_basket() -> None:
    """Rounded line by line, ten percent of three times .05 would be .03."""
    result = priced(basket(5, 5, 5), percent_off(10))
    assert result.totals.discount == 2
    assert [line.discount for line in result.lines] == [1, 1, 0]


def test_a_percentage_has_at_most_two_decimals() -> None:
    assert percent(Decimal("12.25")) == Percent(1225)
    assert percent(100) == Percent(10_000)
    for wrong in (Decimal("12.255"), Decimal(0), Decimal(-1), Decimal("100.01")):
        with pytest.raises(ValueError, match="at most two decimals"):
            percent(wrong)


def test_an_eighth_off_is_rounded_as_the_policy_says() -> None:
    eighth = percent_off("12.5", "eighth")
    assert applied(priced(basket(20), eighth)) == {"eighth": 3}
    assert applied(priced(basket(20), eighth, rounding=Rounding(Mode.HALF_EVEN))) == {"eighth": 2}


def test_a_fixed_amount_is_shared_in_proportion_and_to_the_cent() -> None:
    result = priced(basket(59, 6, 57, 58, 11, 51, 2, 1), amount_off(214))
    assert [line.discount for line in result.lines] == [51, 5, 50, 51, 10, 44, 2, 1]
    assert result.totals.total == 245 - 214


def test_a_fixed_amount_never_makes_the_total_negative() -> None:
    result = priced(basket(300, 200), amount_off(10_000))
    assert applied(result) == {"amount": 500}
    assert result.totals.total == 0


def test_a_cap_limits_the_discount() -> None:
    assert applied(priced(basket(10_000), percent_off(50, cap=1500))) == {"percent": 1500}
    assert applied(priced(basket(1000), percent_off(50, cap=1500))) == {"percent": 500}


@pytest.mark.parametrize(
    ("conditions", "shares"),
    [
        (Conditions(product_ids=frozenset({"novel", "mug"})), {"a": 100, "c": 50}),
        (Conditions(categories=frozenset({"books"})), {"a": 100, "b": 400}),
        (Conditions(collections=frozenset({"summer"})), {"a": 100, "c": 50}),
        (Conditions(categories=frozenset({"books"}), collections=frozenset({"summer"})), {"a": 100}),
    ],
)
def test_only_the_selected_lines_are_discounted(conditions: Conditions, shares: dict[str, int]) -> None:
    (discount,) = priced(SHELF, percent_off(10, conditions=conditions)).discounts
    assert discount.allocation == shares
    assert discount.amount == sum(shares.values())


def test_a_promotion_for_other_products_is_rejected() -> None:
    result = priced(SHELF, percent_off(10, conditions=Conditions(product_ids=frozenset({"lamp"}))))
    assert rejected(result) == {"percent": Reason.CONDITIONS_NOT_MET}


def test_the_minimum_is_compared_with_the_whole_basket() -> None:
    books_only = Conditions(minimum_subtotal=5500, categories=frozenset({"books"}))
    assert applied(priced(SHELF, percent_off(10, conditions=books_only))) == {"percent": 500}
    too_much = replace(books_only, minimum_subtotal=5501)
    assert rejected(priced(SHELF, percent_off(10, conditions=too_much))) == {
        "percent": Reason.CONDITIONS_NOT_MET
    }


def test_a_promotion_starts_at_its_first_instant_and_ends_before_its_last() -> None:
    instant = timedelta(microseconds=1)
    window = replace(percent_off(10), starts_at=NOW, ends_at=NOW + instant)
    assert applied(priced(basket(1000), window)) == {"percent": 100}
    early = replace(window, starts_at=NOW + instant)
    assert rejected(priced(basket(1000), early)) == {"percent": Reason.NOT_STARTED}
    late = replace(window, starts_at=None, ends_at=NOW)
    assert rejected(priced(basket(1000), late)) == {"percent": Reason.EXPIRED}


def test_a_fixed_amount_in_another_currency_is_rejected() -> None:
    euros = amount_off(100, currency="EUR")
    assert rejected(priced(basket(1000), euros)) == {"amount": Reason.CURRENCY_MISMATCH}
    assert applied(priced(basket(1000, currency="EUR"), euros)) == {"amount": 100}


def test_a_fixed_amount_without_a_currency_is_rejected() -> None:
    assert rejected(priced(basket(1000), replace(amount_off(100), currency=None))) == {
        "amount": Reason.CURRENCY_MISMATCH
    }


def test_a_percentage_may_be_for_one_currency_only() -> None:
    in_euros = percent_off(10, conditions=Conditions(currency="EUR"))
    assert rejected(priced(basket(1000), in_euros)) == {"percent": Reason.CURRENCY_MISMATCH}
    assert applied(priced(basket(1000, currency="EUR"), in_euros)) == {"percent": 100}


def test_a_promotion_without_effect_is_rejected() -> None:
    assert rejected(priced(basket(0), percent_off(10))) == {"percent": Reason.NO_EFFECT}
    assert rejected(priced(basket(4), percent_off(10))) == {"percent": Reason.NO_EFFECT}


def test_a_kind_that_is_not_supported_is_rejected() -> None:
    result = priced(basket(1000), Promotion("later", "lottery", None, code="LATER"))
    assert rejected(result) == {"later": Reason.UNSUPPORTED_KIND}
    assert result.rejected[0].code == "LATER"
    assert result.totals.total == 1000


@pytest.mark.parametrize("reason", [Reason.DISABLED, Reason.LIMIT_REACHED])
def test_a_promotion_that_its_shop_refuses_is_rejected_with_that_reason(reason: Reason) -> None:
    assert rejected(priced(basket(1000), replace(percent_off(10), refused=reason))) == {"percent": reason}


def test_a_promotion_that_has_expired_is_used_up_in_vain_but_a_disabled_one_stays_disabled() -> None:
    over = replace(percent_off(10), ends_at=NOW)
    used_up = replace(over, refused=Reason.LIMIT_REACHED)
    disabled = replace(over, refused=Reason.DISABLED)
    assert rejected(priced(basket(1000), used_up)) == {"percent": Reason.EXPIRED}
    assert rejected(priced(basket(1000), disabled)) == {"percent": Reason.DISABLED}


@pytest.mark.parametrize(
    ("conditions", "customer", "applies"),
    [
        (Conditions(customer_segments=frozenset({"vip", "gold"})), Customer("c", frozenset({"vip"})), True),
        (Conditions(customer_segments=frozenset({"vip"})), Customer("c", frozenset({"gold"})), False),
        (Conditions(customer_segments=frozenset({"vip"})), UNKNOWN_CUSTOMER, False),
        (Conditions(customer_ids=frozenset({"c", "d"})), Customer("c"), True),
        (Conditions(customer_ids=frozenset({"d"})), Customer("c"), False),
        (Conditions(customer_ids=frozenset({"c"})), UNKNOWN_CUSTOMER, False),
        (Conditions(first_order=True), Customer("c", paid_orders=0), True),
        (Conditions(first_order=True), Customer("c", paid_orders=1), False),
        (Conditions(first_order=True), UNKNOWN_CUSTOMER, False),
    ],
)
def test_a_promotion_may_be_for_some_customers(
    conditions: Conditions, customer: Customer, applies: bool
) -> None:
    result = priced(basket(1000), percent_off(10, conditions=conditions), customer=customer)
    assert rejected(result) == ({} if applies else {"percent": Reason.CONDITIONS_NOT_MET})


def test_a_code_may_wait_for_the_customer_but_not_for_another_one() -> None:
    first, vips = Conditions(first_order=True), Conditions(customer_segments=frozenset({"vip"}))
    another = Conditions(customer_ids=frozenset({"another"}))
    known = Customer("c", frozenset({"gold"}), 1)
    for conditions in (first, vips, another):
        promotion = percent_off(10, conditions=conditions)
        assert may_stay_idle(promotion, UNKNOWN_CUSTOMER, shipping_is_due=True)
        assert not may_stay_idle(promotion, known, shipping_is_due=True)
    assert not may_stay_idle(percent_off(10), UNKNOWN_CUSTOMER, shipping_is_due=False)
