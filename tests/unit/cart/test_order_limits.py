"""What an order may amount to means the same in every currency, whatever its minor unit is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from pydantic import ValidationError

from cart.application.lock_cart import lock_cart
from cart.application.policy import Policy
from cart.settings import CartSettings
from contracts import cart as contract
from pricing.money import currencies, exponent, show
from tests.support.scenario import given
from tests.unit.cart.facts import CART, CHECKOUT, STEP, created, item_added
from tests.unit.cart.shelf import Shelf, product

LOCK = contract.Lock(cart_id=CART, checkout_id=CHECKOUT, step=STEP)
REQUIRED = {"port": 1, "database_url": "postgresql://u:p@h/d", "kafka_bootstrap": "h:1"}
ANY_CURRENCY = st.sampled_from(sorted(currencies()))


def is_sold(total: int, currency: str, policy: Policy, tenant: str = "demo") -> bool:
    shelf = Shelf(product(price=total, currency=currency))
    scenario = given(created(currency), item_added(unit_price=total)).for_tenant(tenant)
    locked = scenario.when(lock_cart, LOCK, shelf, policy).work.facts[-1]
    if isinstance(locked, contract.LockRefused):
        assert locked.code in {"MAX_ORDER_AMOUNT_EXCEEDED", "MIN_ORDER_AMOUNT_NOT_MET"}
    return isinstance(locked, contract.Locked)


@pytest.mark.parametrize(
    ("currency", "most"), [("USD", 10_000_000), ("JPY", 100_000), ("KWD", 100_000_000), ("EUR", 10_000_000)]
)
def test_a_hundred_thousand_may_be_paid_and_nothing_above(currency: str, most: int) -> None:
    assert is_sold(most, currency, Policy())
    assert not is_sold(most + 1, currency, Policy())


@for_all(ANY_CURRENCY)
def test_every_currency_has_the_same_limits_in_its_own_unit(currency: str) -> None:
    least, most = Policy(min_order_amount=100).order_limits("demo", currency)
    assert (least, most) == (10 ** exponent(currency), 100_000 * 10 ** exponent(currency))
    assert show(int(most), currency).startswith("100,000")


@for_all(ANY_CURRENCY, st.integers(0, 10**9))
def test_an_amount_is_within_a_limit_just_if_it_is_in_decimals(currency: str, hundredths: int) -> None:
    most = Policy(max_order_amount=hundredths).order_limits("demo", currency)[1]
    units = most / 10 ** exponent(currency)
    assert units * 100 == hundredths, "nothing is rounded on the way"


def test_a_tenant_may_have_limits_of_its_own_in_a_currency() -> None:
    policy = settings({"demo": {"KWD": {"minimum": 500, "maximum": 5_000_000}, "USD": {"minimum": 1}}}).policy
    assert is_sold(5_000_000, "KWD", policy)
    assert not is_sold(5_000_001, "KWD", policy)
    assert not is_sold(499, "KWD", policy)
    assert is_sold(499, "KWD", policy, tenant="rival")
    assert is_sold(10_000_000, "USD", policy)
    assert not is_sold(10_000_001, "USD", policy)


@pytest.mark.parametrize(
    "limits", [{"demo": {"XXX": {}}}, {"demo": {"USD": {"most": 1}}}, {"demo": {"USD": {"maximum": -1}}}]
)
def test_limits_that_make_no_sense_are_refused_at_the_start(limits: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(limits)


def settings(limits: dict[str, Any]) -> CartSettings:
    return CartSettings.model_validate(REQUIRED | {"cart_order_limits": limits})
