"""The CPU time of fitting statistical models to a shop with 23,570 customers and 69,659 purchases (CDNOW's).

A night has one run of each model for each shop and currency, one after the other on one core.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from benchmarks.figures import Figure, Goal
from demo.dataset import Purchase, read
from projections.model_runs.fits.fitting import fit
from projections.model_runs.models import CUSTOMER_SEGMENTS, CUSTOMER_VALUE, FORECASTS
from projections.model_runs.sales import Sales, number
from projections.statistics import bg_nbd
from projections.statistics.fitting import Ints
from projections.statistics.order_days import Distinct, distinct, histories

LIMITS = {CUSTOMER_VALUE: 8.0, CUSTOMER_SEGMENTS: 0.5, FORECASTS: 1.0}
"""Seconds. The value of customers is three fits of orders and one of their worth."""
ROUNDS = 3
GROUPING_SAVES = 2
"""How many times faster a fit has to be over distinct histories than over customers."""


async def figures(_home: Path) -> AsyncIterator[Figure]:
    purchases = read()
    sales, today = _sales(purchases), max(it.day for it in purchases) + timedelta(days=1)
    for model, limit in LIMITS.items():
        seconds = _seconds(lambda model=model: fit(model, sales, today))  # type: ignore[misc]
        yield Figure(f"{model}, {len(sales.customers)} customers", seconds, "CPU s", goal=Goal("<=", limit))
    yield _grouping(sales)


def _grouping(sales: Sales) -> Figure:
    known = histories(sales.order_days, number(date(1997, 9, 30)))
    grouped = distinct(known)
    counts, count_of = np.unique(known.x, return_inverse=True)
    single = Distinct(known.x, known.t_x, known.age, np.ones(len(known.x)), counts, count_of)
    ratio = _seconds(lambda: bg_nbd.fit(single)) / _seconds(lambda: bg_nbd.fit(grouped))
    name = f"BG/NBD of {len(known.x)} customers against {len(grouped.x)} distinct histories"
    return Figure(name, ratio, "times", goal=Goal(">=", GROUPING_SAVES))


def _seconds(work: Callable[[], object]) -> float:
    """The least of several rounds: others may use the processor as well."""
    found = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def _sales(purchases: list[Purchase]) -> Sales:
    days: dict[tuple[str, int], list[int]] = {}
    for it in purchases:
        of_day = days.setdefault((it.customer_id, number(it.day)), [0, 0])
        of_day[0] += 1
        of_day[1] += it.cents
    customers = sorted({name for name, _ in days})
    index = {name: it for it, name in enumerate(customers)}
    rows = [(index[name], day, orders, cents) for (name, day), (orders, cents) in sorted(days.items())]
    customer, day, orders, gross = (_column(rows, it) for it in range(4))
    return Sales(customers, customer, day, orders, gross, 0 * gross)


def _column(rows: list[tuple[int, int, int, int]], place: int) -> Ints:
    return np.array([it[place] for it in rows], dtype=np.int64)
