"""Sales of made-up shops, and CDNOW's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

import numpy as np

from projections.model_runs.sales import Sales, number
from tests.unit.projections.statistics.cdnow import purchases, sample_ids

Row = tuple[str, date, int, int, int]
"""Customer, day, orders, gross, refunded."""


def sales(rows: Iterable[Row]) -> Sales:
    ordered = sorted(rows)
    customers = sorted({name for name, *_ in ordered})
    numbers = {name: it for it, name in enumerate(customers)}
    columns = [[numbers[name], number(day), *rest] for name, day, *rest in ordered]
    return Sales(customers, *np.array(columns, dtype=np.int64).reshape(-1, 5).T)


def cdnow_rows(until: date = date.max) -> list[Row]:
    figures: dict[tuple[str, date], list[int]] = defaultdict(lambda: [0, 0])
    for it in purchases():
        if it.day <= until:
            of_day = figures[it.customer_id, it.day]
            of_day[0] += 1
            of_day[1] += it.cents
    return [(name, day, orders, cents, 0) for (name, day), (orders, cents) in figures.items()]


def sample_rows() -> list[Row]:
    """Of the tenth of the customers that the papers use."""
    ids = {f"{it:05}" for it in sample_ids()}
    return [row for row in cdnow_rows() if row[0] in ids]


def cdnow(until: date = date.max) -> Sales:
    return sales(cdnow_rows(until))
