"""Segments of customers by recency, frequency and money, as of the last day with an order."""

from __future__ import annotations

import numpy as np

from projections.model_runs.fits.outcome import CustomerSegment, Outcome, TooFew
from projections.model_runs.sales import Sales, day_of
from projections.statistics.segments import segmentation

MIN_SEGMENTED = 5
"""Customers: there are five scores."""


def fit(sales: Sales) -> Outcome:
    """Orders of one day are counted each, as the customer's figures count them. Raises ``TooFew``."""
    end = sales.last_day
    count = len(sales.customers)
    orders = np.bincount(sales.customer, sales.orders, count).astype(np.int64)
    bought = orders > 0
    if end is None or bought.sum() < MIN_SEGMENTED:
        raise TooFew(f"{bought.sum()} customers: segments need {MIN_SEGMENTED}")
    revenue = np.zeros(count, np.int64)
    np.add.at(revenue, sales.customer, sales.revenue)
    last = np.zeros(count, np.int64)
    ordered = sales.orders > 0
    np.maximum.at(last, sales.customer[ordered], sales.day[ordered])
    found = segmentation(last[bought], orders[bought], revenue[bought])
    names = [sales.customers[it] for it in np.flatnonzero(bought)]
    cut_points = {**found.cut_points, "r": [day_of(it).isoformat() for it in found.cut_points["r"]]}
    columns = (found.r.tolist(), found.f.tolist(), found.m.tolist(), found.segments)
    return Outcome(
        trained_from=day_of(int(sales.day[ordered].min())),
        trained_to=day_of(end),
        parameters={name: list(it) for name, it in cut_points.items()},
        results=[CustomerSegment(*row) for row in zip(names, *columns, strict=True)],
    )
