"""Topics are read independently of one another: read models must not depend on the order across keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout_saga.privacy.domain.sealed import SEALED
from contracts import payment
from kernel.projections.counters import CounterModel
from kernel.projections.folding import RowKey
from projections.models.conversion.model import CONVERSION
from projections.models.orders.model import ORDERS
from tests.support.purchases import RECORDED, Happening, Purchase
from tests.unit.projections.expected_rows import COUNTERS, facts_of, interleavings, states, table, tables
from tests.unit.projections.purchase_strategies import purchases

KNOWN = {it.name: model for model in COUNTERS for it in model.counters if "known" in it.keys}
DAYS_OF_RECORDING = tuple(RECORDED.date() + timedelta(days=n) for n in range(4))


@pytest.mark.parametrize("model", COUNTERS, ids=lambda it: it.name)
@given(data=st.data(), generated=purchases())
def test_the_order_of_facts_of_different_keys_does_not_matter(
    model: CounterModel[Any, Any], data: st.DataObject, generated: list[Purchase]
) -> None:
    facts = facts_of(*generated)
    reordered = data.draw(interleavings(facts))
    assert tables(model, reordered) == tables(model, facts)
    assert states(model, reordered) == states(model, facts), "a rebuild reads in another order"


@pytest.mark.parametrize("name", KNOWN)
@given(generated=purchases(), day=st.sampled_from(DAYS_OF_RECORDING))
def test_figures_as_they_were_known_on_a_day_never_change(
    name: str, generated: list[Purchase], day: date
) -> None:
    model = KNOWN[name]
    facts = facts_of(*generated)
    by_then = [it for it in facts if it.fact.timestamp.date() <= day]
    assert table(model, facts, name, known=day) == table(model, by_then, name)


@pytest.mark.parametrize("model", COUNTERS, ids=lambda it: it.name)
@given(generated=purchases())
def test_a_rebuild_after_customers_were_erased_gives_the_same_rows(
    model: CounterModel[Any, Any], generated: list[Purchase]
) -> None:
    facts = facts_of(*generated)
    assert states(model, map(_erased, facts)) == states(model, facts)
    assert tables(model, map(_erased, facts)) == tables(model, facts)


@given(generated=purchases(shipped=False))
def test_the_revenue_by_day_and_by_product_is_captured_less_refunded_money(generated: list[Purchase]) -> None:
    facts = facts_of(*generated)
    moved: Counter[RowKey] = Counter()
    for event in facts:
        match event.fact:
            case payment.Captured(amount=amount, currency=currency):
                moved[event.tenant, event.occurred_at.date(), currency] += amount
            case payment.Refunded(amount=amount, currency=currency):
                moved[event.tenant, event.occurred_at.date(), currency] -= amount
    by_day = {key: measures[3] for key, measures in table(CONVERSION, facts).items()}
    by_product: Counter[RowKey] = Counter()
    for key, measures in table(ORDERS, facts).items():
        by_product[key[:3]] += measures[2]
    assert _nonzero(by_day) == _nonzero(moved)
    assert _nonzero(by_product) == _nonzero(moved)


@given(generated=purchases())
def test_the_conversion_rate_never_exceeds_one(generated: list[Purchase]) -> None:
    for checkouts, completed, *_ in table(CONVERSION, facts_of(*generated)).values():
        assert 0 <= completed <= checkouts


def _erased(event: Happening) -> Happening:
    """Without what only the customer's key can read."""
    sealed = SEALED & type(event.fact).model_fields.keys()
    return replace(event, fact=event.fact.model_copy(update=dict.fromkeys(sealed, "")))


def _nonzero(sums: Mapping[RowKey, int]) -> dict[RowKey, int]:
    return {key: amount for key, amount in sums.items() if amount}
