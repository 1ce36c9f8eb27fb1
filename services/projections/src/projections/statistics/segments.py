"""Recency, frequency and monetary value: scores from 1 to 5, and the segment that R and F make.

A score is one more than the number of cut points below the value, and the cut points are the discrete
quantiles at 20, 40, 60 and 80 %. So equal values have equal scores. ``ntile`` would part customers with one
order by their ids.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np

from projections.statistics.fitting import Ints

FIFTHS = (1, 2, 3, 4)
CutPoints: TypeAlias = tuple[int, int, int, int]

GRID = {
    # R: segments of F = 1, 2, 3, 4, 5
    1: ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    2: ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    3: ("about_to_sleep", "about_to_sleep", "needs_attention", "loyal", "loyal"),
    4: ("promising", "potential_loyalist", "potential_loyalist", "loyal", "loyal"),
    5: ("new", "potential_loyalist", "potential_loyalist", "champion", "champion"),
}
SEGMENTS = tuple(dict.fromkeys(name for row in GRID.values() for name in row))


class Segmentation(NamedTuple):
    """One element for each customer."""

    r: Ints
    f: Ints
    m: Ints
    segments: list[str]
    cut_points: dict[str, CutPoints]
    """By score: ``r`` as days since 1970-01-01, ``f`` as orders, ``m`` as minor units."""


def segmentation(last_day: Ints, orders: Ints, revenue: Ints) -> Segmentation:
    """Relative to the others: a customer's segment also changes when others order. That is why cut
    points are kept beside the scores."""
    values = {"r": last_day, "f": orders, "m": revenue}
    cuts = {name: cut_points(it) for name, it in values.items()}
    r, f, m = (scores(it, cuts[name]) for name, it in values.items())
    names = [GRID[row][column - 1] for row, column in zip(r.tolist(), f.tolist(), strict=True)]
    return Segmentation(r, f, m, names, cuts)


def cut_points(values: Ints) -> CutPoints:
    """The smallest values that at least 20, 40, 60, 80 % do not exceed, like SQL's ``percentile_disc``."""
    ordered = np.sort(values)
    positions = (-(-fifth * len(ordered) // 5) - 1 for fifth in FIFTHS)
    first, second, third, fourth = (int(ordered[it]) for it in positions)
    return first, second, third, fourth


def scores(values: Ints, cuts: CutPoints) -> Ints:
    return 1 + np.searchsorted(np.asarray(cuts), values, side="left").astype(np.int64)
