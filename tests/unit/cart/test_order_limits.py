"""The limits of an order's total are the same in every currency, whatever its minor unit is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from pydantic import ValidationError

from cart.carts.use_cases.locking import lock_cart
from cart.carts.use_cases.policy import Policy
from cart.settings import CartSettings
from contracts import cart as contract
from pricing.money import currencies, exponent, show
from tests.support.scenario import given
from tests.unit.cart.catalogues import FakeCatalogue, product
from tests.unit.cart.facts import CART, CHECKOUT, STEP, created, item_added
from tests.unit.cart.policies import DEFAULT_POLICY, policy

LOCK = contract.Lock(cart_id=CART, checkout_id=CHECKOUT, step=STEP)
REQUIRED = {"port": 1, "database_url": "postgresql://u:p@h/d", "kafka_bootstrap": "h:1"}
ANY_CURRENCY = st.sampled_from(sorted(currencies()))


def is_locked(total: int, currency: str, policy: Policy, tenant: str = "demo") -> bool:
    catalogue = FakeCatalogue(product(price=total, currency=currency))
    scenario = given(created(currency), item_added(unit_price=total)).for_tenant(tenant)
    answer = scenario.when(lock_cart, LOCK, catalogue, policy).work.facts[-1]
    if isinstance(answer, contract.LockRefused):
        assert answer.code in {"MAX_ORDER_AMOUNT_EXCEEDED", "MIN_ORDER_AMOUNT_NOT_MET"}
    return isinstance(answer, contract.Locked)


@pytest.mark.parametrize(
    ("currency", "maximum"),
    [("USD", 10_000_000), ("JPY", 100_000), ("KWD", 100_000_000), ("EUR", 10_000_000)],
)
def test_the_default_maximum_is_a_hundred_thousand(currency: str, maximum: int) -> None:
    assert is_locked(maximum, currency, DEFAULT_POLICY)
    assert not is_locked(maximum + 1, currency, DEFAULT_POLICY)


def test_x44_a_hundred_thousand_passes_in_each_currency_and_the_smallest_unit_more_does_not() -> None:
    assert is_locked(100_000_000, "KWD", DEFAULT_POLICY)
    assert not is_locked(100_000_001, "KWD", DEFAULT_POLICY)
    assert not is_locked(100_001, "JPY", DEFAULT_POLICY)


@for_all(ANY_CURRENCY)
def test_every_currency_has_the_same_limits_in_its_own_unit(currency: str) -> None:
    minimum, maximum = policy(min_order_amount=100).order_limits("demo", currency)
    assert (minimum, maximum) == (10 ** exponent(currency), 100_000 * 10 ** exponent(currency))
    assert show(int(maximum), currency).startswith("100,000")


@for_all(ANY_CURRENCY, st.integers(0, 10**9))
def test_a_limit_in_hundredths_is_exact_in_every_currency(currency: str, hundredths: int) -> None:
    maximum = policy(max_order_amount=hundredths).order_limits("demo", currency)[1]
    units = maximum / 10 ** exponent(currency)
    assert units * 100 == hundredths, "nothing is rounded"


def test_a_tenant_may_have_limits_of_its_own_in_a_currency() -> None:
    limits = settings({"demo": {"KWD": {"minimum": 500, "maximum": 5_000_000}, "USD": {"minimum": 1}}}).policy
    assert is_locked(5_000_000, "KWD", limits)
    assert not is_locked(5_000_001, "KWD", limits)
    assert not is_locked(499, "KWD", limits)
    assert is_locked(499, "KWD", limits, tenant="rival")
    assert is_locked(10_000_000, "USD", limits)
    assert not is_locked(10_000_001, "USD", limits)


@pytest.mark.parametrize(
    "limits", [{"demo": {"XXX": {}}}, {"demo": {"USD": {"most": 1}}}, {"demo": {"USD": {"maximum": -1}}}]
)
def test_invalid_limits_are_refused_by_the_settings(limits: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(limits)


def settings(limits: dict[str, Any]) -> CartSettings:
    return CartSettings.model_validate(REQUIRED | {"cart_order_limits": limits})
