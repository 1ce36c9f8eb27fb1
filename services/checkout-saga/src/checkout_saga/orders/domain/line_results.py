"""What the results of an order's lines make of the order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from contracts import order as facts
from contracts.order import LineResult

FAILED, IN_PART = "failed", "in part"
"""What counts of a line, besides successful and pending."""
FulfillmentResults = (
    facts.Fulfilled | facts.PartiallyFulfilled | facts.FulfillmentFailed | facts.FulfillmentPending
)
WantedUnits = Callable[[str], int]
"""How many units of a line are neither cancelled nor refunded."""


def kind_of(results: Sequence[LineResult], wanted: WantedUnits) -> type[FulfillmentResults]:
    """The fact to record. Lines of which no unit is wanted count only if there are no others."""
    every = {it.result for it in results}
    counted = {_counted(it, wanted) for it in results if wanted(it.line_id)}
    if counted == {facts.SUCCESSFUL} or (not counted and facts.SUCCESSFUL in every):
        return facts.Fulfilled
    if counted & {facts.SUCCESSFUL, IN_PART}:
        return facts.PartiallyFulfilled
    return facts.FulfillmentFailed if FAILED in (counted or every) else facts.FulfillmentPending


def settled(results: Iterable[LineResult], wanted: WantedUnits) -> tuple[LineResult, ...]:
    """Lines of which all wanted units are handed over are successful."""
    done = {"result": facts.SUCCESSFUL, "units": None}
    return tuple(
        it.model_copy(update=done) if it.units and _counted(it, wanted) == facts.SUCCESSFUL else it
        for it in results
    )


def result_of(results: Iterable[LineResult], line_id: str) -> LineResult | None:
    return next((it for it in results if it.line_id == line_id), None)


def _counted(it: LineResult, wanted: WantedUnits) -> str:
    if not it.units:
        return it.result
    return facts.SUCCESSFUL if it.units >= wanted(it.line_id) else IN_PART
