"""Requests are limited for each key and for each tenant, and a tenant may have rates of its own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kernel.limits.rate_limits import Rate
from kernel.limits.request_rates import Exceeded, Rates, RequestRates


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_key_is_limited_by_itself() -> None:
    rates = RequestRates(Rates(per_key=Rate(2, 10)), clock=Time())
    assert [rates.count("demo", "shop") for _ in range(2)] == [None, None]
    assert rates.count("demo", "shop") == Exceeded("key", 5.0)
    assert rates.count("demo", "analyst") is None
    assert rates.count("rival", "shop") is None


def test_all_keys_of_a_tenant_share_its_limit() -> None:
    rates = RequestRates(Rates(per_tenant=Rate(2, 10)), clock=Time())
    assert [rates.count("demo", key) for key in ("shop", "analyst")] == [None, None]
    assert rates.count("demo", "another") == Exceeded("tenant", 5.0)
    assert rates.count("rival", "shop") is None


def test_a_tenant_may_have_rates_of_its_own() -> None:
    rates = RequestRates(
        Rates(per_key=Rate(1, 10)), {"large": Rates(per_key=Rate(3, 10)), "free": Rates()}, Time()
    )
    admitted = {
        tenant: [rates.count(tenant, "shop") for _ in range(4)].count(None)
        for tenant in ("demo", "large", "free")
    }
    assert admitted == {"demo": 1, "large": 3, "free": 4}


def test_a_refused_request_counts_in_no_limit() -> None:
    time = Time()
    rates = RequestRates(Rates(per_key=Rate(1, 10), per_tenant=Rate(2, 10)), clock=time)
    assert rates.count("demo", "shop") is None
    for _ in range(100):
        assert rates.count("demo", "shop") is not None
    assert rates.count("demo", "another") is None
    time.now += 10
    assert rates.count("demo", "shop") is None


@given(st.integers(1, 10), st.integers(1, 20), st.lists(st.sampled_from("abc"), max_size=60))
def test_a_tenant_never_sends_more_than_its_rate_however_many_keys_it_has(
    per_key: int, per_tenant: int, keys: list[str]
) -> None:
    rates = RequestRates(Rates(Rate(per_key, 60), Rate(per_tenant, 60)), clock=Time())
    admitted = [key for key in keys if rates.count("demo", key) is None]
    assert len(admitted) <= per_tenant
    assert all(admitted.count(key) <= per_key for key in "abc")
