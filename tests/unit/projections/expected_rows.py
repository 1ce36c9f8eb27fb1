"""Read models worked out in memory: what their tables must say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from projections.read_models.model import Measures, ReadModel, RowKey
from tests.support.purchases import Happening, Purchase


def states(model: ReadModel[Any, Any], happened: Iterable[Happening]) -> dict[tuple[str, UUID], Any]:
    """What is remembered of each subject after these facts."""
    states: dict[tuple[str, UUID], Any] = {}
    for it in happened:
        if it.fact.TYPE in model.types:
            state = states.setdefault((it.tenant, model.subject(it.fact)), model.state())
            model.fold(state, it.fact, it.occurred_at)
    return states


def table(model: ReadModel[Any, Any], happened: Iterable[Happening]) -> dict[RowKey, Measures]:
    """The model's rows after these facts; those whose figures are all 0 are left out."""
    rows: dict[RowKey, Measures] = {}
    for (tenant, _), state in states(model, happened).items():
        for cell, figures in model.contributions(state).items():
            known = rows.get((tenant, *cell), (0,) * len(figures))
            rows[tenant, *cell] = tuple(a + b for a, b in zip(known, figures, strict=True))
    return {cell: figures for cell, figures in rows.items() if any(figures)}


def happened(*purchases: Purchase) -> list[Happening]:
    return [it for purchase in purchases for it in purchase.happened]


@st.composite
def interleavings(draw: st.DrawFn, facts: Sequence[Happening]) -> list[Happening]:
    """Any order that keeps the order of each key."""
    streams: dict[bytes, list[Happening]] = {}
    for it in facts:
        streams.setdefault(it.key, []).append(it)
    order = draw(st.permutations([it.key for it in facts]))
    return [streams[key].pop(0) for key in order]
