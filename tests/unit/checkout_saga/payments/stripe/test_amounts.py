"""Amounts at Stripe are exactly ours, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout_saga.payments.providers.stripe.amounts import AmountNotPossible, from_stripe, to_stripe


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        (1999, "USD", 1999),
        (500, "JPY", 500),
        (5000, "MGA", 50),
        (500, "ISK", 50000),
        (500, "UGX", 50000),
        (1230, "KWD", 1230),
    ],
)
def test_an_amount_is_sent_as_the_provider_counts_it(amount: int, currency: str, expected: int) -> None:
    assert to_stripe(amount, currency) == expected


@pytest.mark.parametrize(("amount", "currency"), [(5050, "MGA"), (1231, "KWD"), (5, "BHD"), (11, "TND")])
def test_an_amount_that_cannot_be_charged_exactly_is_refused(amount: int, currency: str) -> None:
    with pytest.raises(AmountNotPossible):
        to_stripe(amount, currency)


@given(
    st.integers(1, 10**12), st.sampled_from(["USD", "JPY", "MGA", "ISK", "UGX", "BHD", "JOD", "OMR", "BRL"])
)
def test_money_is_the_same_there_and_back(amount: int, currency: str) -> None:
    try:
        sent = to_stripe(amount, currency)
    except AmountNotPossible:
        assert currency in {"MGA", "BHD", "JOD", "OMR"}
        return
    assert from_stripe(sent, currency) == amount


def test_a_part_of_a_minor_unit_is_no_amount_of_ours() -> None:
    assert from_stripe(50001, "isk") is None
    assert from_stripe(None, "usd") is None
