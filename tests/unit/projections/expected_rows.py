"""Read models computed in memory: the expected rows of their tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from operator import itemgetter
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from kernel.projections.counters import CounterModel, Measures, summed
from kernel.projections.folding import FoldingModel, RowKey
from projections.models.checkout_operations.model import CHECKOUT_OPERATIONS
from projections.models.conversion.model import CONVERSION
from projections.models.orders.model import ORDERS
from tests.support.purchases import Happening, Purchase

COUNTERS: tuple[CounterModel[Any, Any], ...] = (CONVERSION, ORDERS, CHECKOUT_OPERATIONS)


def states(model: FoldingModel[Any, Any], happened: Iterable[Happening]) -> dict[tuple[str, UUID], Any]:
    """The state of each subject after these facts."""
    states: dict[tuple[str, UUID], Any] = {}
    for event in happened:
        if event.fact.TYPE in model.types:
            state = states.setdefault((event.tenant, model.subject(event.fact)), model.state())
            model.fold(state, event.fact, event.occurred_at, event.fact.timestamp)
    return states


def tables(model: CounterModel[Any, Any], happened: Iterable[Happening]) -> dict[str, dict[RowKey, Measures]]:
    """The rows of each of the model's tables after these facts, without those whose measures are all 0."""
    folded = states(model, happened)
    return {
        counter.name: _added_up(
            ((tenant, *key), measures)
            for (tenant, _), state in folded.items()
            for key, measures in counter.contributions(state).items()
        )
        for counter in model.counters
    }


def _added_up(parts: Iterable[tuple[RowKey, Measures]]) -> dict[RowKey, Measures]:
    rows = summed(list(parts))
    return {key: measures for key, measures in rows.items() if any(measures)}


def table(
    model: CounterModel[Any, Any], happened: Iterable[Happening], name: str = "", known: date = date.max
) -> dict[RowKey, Measures]:
    """The rows of the first table, or of that of this name, as they were known at the end of a day: without
    the key ``known``, if they have it."""
    counter = next(it for it in model.counters if name in ("", it.name))
    keys = ["tenant", *counter.keys]
    rows = tables(model, happened)[counter.name]
    if "known" not in keys:
        return rows
    of_known = itemgetter(keys.index("known"))
    others = itemgetter(*(n for n, key in enumerate(keys) if key != "known"))
    return _added_up((others(key), measures) for key, measures in rows.items() if of_known(key) <= known)


def of_one_tenant(
    model: CounterModel[Any, Any], happened: Iterable[Happening], name: str = ""
) -> dict[RowKey, Measures]:
    """The rows of the first table, or of that of this name, with all keys but the tenant, which is the same
    for all these facts."""
    rows = tables(model, happened)[name or model.counters[0].name]
    return {key[1:]: measures for key, measures in rows.items()}


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
