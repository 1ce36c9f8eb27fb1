"""The funnel: on the day on which a cart was created, it counts once, at the furthest step that it reached.

A cart whose checkout is tried again is the same cart. A guest's cart that was merged into a customer's does
not count: its shopper goes on in the other one.
"""

from __future__ import annotations

from kernel.projections.counters import CounterTable, RowDeltas
from projections.models.carts.state import STEPS, Cart


def contributions(state: Cart) -> RowDeltas:
    if state.created is None or state.merged:
        return {}
    return {(state.created, STEPS[state.furthest]): (1,)}


FUNNEL: CounterTable[Cart] = CounterTable(
    name="funnel",
    keys={"day": "date", "step": "text"},
    measures=("carts",),
    contributions=contributions,
)
