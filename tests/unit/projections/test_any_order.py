"""Topics are read independently of one another: whatever comes first, the read models end up the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import payment
from projections.read_models.conversion import CONVERSION
from projections.read_models.model import ReadModel, RowKey
from projections.read_models.products import PRODUCTS
from projections.read_models.registry import READ_MODELS
from tests.support.purchases import Purchase
from tests.unit.projections.expected_rows import happened, interleavings, states, table
from tests.unit.projections.purchase_strategies import purchases


@pytest.mark.parametrize("model", READ_MODELS, ids=lambda it: it.name)
@given(data=st.data(), lived=purchases())
def test_the_order_of_facts_of_different_keys_does_not_matter(
    model: ReadModel[Any, Any], data: st.DataObject, lived: list[Purchase]
) -> None:
    facts = happened(*lived)
    another = data.draw(interleavings(facts))
    assert table(model, another) == table(model, facts)
    assert states(model, another) == states(model, facts), "a rebuild reads in an order of its own"


@given(lived=purchases(shipped=False))
def test_both_revenues_are_what_was_captured_less_what_was_refunded(lived: list[Purchase]) -> None:
    facts = happened(*lived)
    moved: Counter[RowKey] = Counter()
    for it in facts:
        match it.fact:
            case payment.Captured(amount=amount, currency=currency):
                moved[it.tenant, it.occurred_at.date(), currency] += amount
            case payment.Refunded(amount=amount, currency=currency):
                moved[it.tenant, it.occurred_at.date(), currency] -= amount
    by_day = {cell: figures[3] for cell, figures in table(CONVERSION, facts).items()}
    by_product: Counter[RowKey] = Counter()
    for cell, figures in table(PRODUCTS, facts).items():
        by_product[cell[:3]] += figures[2]
    assert _without_nothing(by_day) == _without_nothing(moved)
    assert _without_nothing(by_product) == _without_nothing(moved)


@given(lived=purchases())
def test_the_rate_is_never_above_one(lived: list[Purchase]) -> None:
    for checkouts, completed, *_ in table(CONVERSION, happened(*lived)).values():
        assert 0 <= completed <= checkouts


def _without_nothing(sums: Mapping[RowKey, int]) -> dict[RowKey, int]:
    return {cell: it for cell, it in sums.items() if it}
