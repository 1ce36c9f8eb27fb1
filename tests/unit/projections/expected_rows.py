"""Read models computed in memory: the expected rows of their tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from kernel.projections.counters import CounterModel, Measures
from kernel.projections.folding import FoldingModel, RowKey
from projections.models.checkout_operations.model import CHECKOUT_OPERATIONS
from projections.models.conversion.model import CONVERSION
from projections.models.products.model import PRODUCTS
from tests.support.purchases import Happening, Purchase

COUNTERS: tuple[CounterModel[Any, Any], ...] = (CONVERSION, PRODUCTS, CHECKOUT_OPERATIONS)


def states(model: FoldingModel[Any, Any], happened: Iterable[Happening]) -> dict[tuple[str, UUID], Any]:
    """The state of each subject after these facts."""
    states: dict[tuple[str, UUID], Any] = {}
    for event in happened:
        if event.fact.TYPE in model.types:
            state = states.setdefault((event.tenant, model.subject(event.fact)), model.state())
            model.fold(state, event.fact, event.occurred_at)
    return states


def table(model: CounterModel[Any, Any], happened: Iterable[Happening]) -> dict[RowKey, Measures]:
    """The model's rows after these facts, without those whose measures are all 0."""
    rows: dict[RowKey, Measures] = {}
    for (tenant, _), state in states(model, happened).items():
        for key, measures in model.contributions(state).items():
            sums = rows.get((tenant, *key), (0,) * len(measures))
            rows[tenant, *key] = tuple(a + b for a, b in zip(sums, measures, strict=True))
    return {key: measures for key, measures in rows.items() if any(measures)}


def facts_of(*purchases: Purchase) -> list[Happening]:
    return [event for purchase in purchases for event in purchase.happened]


@st.composite
def interleavings(draw: st.DrawFn, facts: Sequence[Happening]) -> list[Happening]:
    """Any order of the facts that keeps the order within each key."""
    streams: dict[bytes, list[Happening]] = {}
    for event in facts:
        streams.setdefault(event.key, []).append(event)
    order = draw(st.permutations([event.key for event in facts]))
    return [streams[key].pop(0) for key in order]
