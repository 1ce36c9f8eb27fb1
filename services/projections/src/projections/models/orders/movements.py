"""The movements of an order's figures, each on its day and with the day since which it is known.

A sale counts on the day its order was paid; an order that is never paid does not count, and a free one counts
when it is fulfilled. An order that is cancelled after payment no longer counts as sold on that day; its money
stays there, and the refund counts on its own day, by the order's own allocation to lines. If the provider
takes the success of a refund back, the sale counts again on that day.

A movement never changes afterwards, it is only followed by others: figures as they were known at the end of a
day are the sums of what was known by then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple, TypeVar

from projections.models.orders.state import Line, Order

K = TypeVar("K", bound=Hashable)


class Movement(NamedTuple):
    day: date
    known: date
    counted: int
    """1 for the sale, -1 for its cancellation, 0 where only money moves."""
    gross: int
    refunded: int
    lines: Mapping[str, int]
    """What moves of each line's revenue, by the line's id. Shipping has its share of the total alone."""


def movements(state: Order) -> Iterator[Movement]:
    if state.sold is None or state.created is None:
        return
    day, known = state.sold.day, max(state.created, state.sold.known)
    totals = {line.line_id: line.total for line in state.lines}
    yield Movement(day, known, 1, state.totals.total, 0, totals)
    if state.cancelled is not None:
        yield Movement(day, max(known, state.cancelled), -1, 0, 0, {})
    for refund in state.refunds:
        for sign, at in ((-1, refund.at), (1, refund.taken_back)):
            if at is not None:
                moved: Counter[str] = Counter()
                for share in refund.shares:
                    if share.line_id is not None:
                        moved[share.line_id] += sign * share.amount
                yield Movement(at.day, max(known, at.known), 0, 0, -sign * refund.amount, moved)


def by_lines(
    state: Order, group: Callable[[Line], K | None]
) -> Iterator[tuple[K, Movement, Sequence[Line], int]]:
    """The movements of each group of lines, with the revenue that moves; lines in none are left out."""
    groups: dict[K, list[Line]] = {}
    for line in state.lines:
        if (key := group(line)) is not None:
            groups.setdefault(key, []).append(line)
    for moved in movements(state) if groups else ():
        for key, lines in groups.items():
            revenue = sum(moved.lines.get(line.line_id, 0) for line in lines)
            if moved.counted or revenue:
                yield key, moved, lines, revenue
