"""The months of a shop that are over, and its figures by month."""

from __future__ import annotations

from datetime import date

import numpy as np

from projections.model_runs.sales import Sales, number
from projections.statistics.fitting import Floats, Ints
from projections.statistics.silence import churn


def next_month(day: date, months: int = 1) -> date:
    """The first day of the month so many after this day's."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def whole_months(first: date, last: date, today: date) -> list[date]:
    """The first days of the months from the first day of sale to the last, without the one in which the shop
    began in the middle, and without the one that is not over: neither can be compared with the others."""
    month = first if first.day == 1 else next_month(first)
    months = []
    while next_month(month) <= today and month <= last:
        months.append(month)
        month = next_month(month)
    return months


def revenue(sales: Sales, months: list[date]) -> Floats:
    return _by_month(sales.day, sales.revenue.astype(np.float64), months)


def new_customers(sales: Sales, months: list[date]) -> Floats:
    """By the month of their first order in the whole history."""
    orders = sales.order_days
    first = orders.day[np.diff(orders.customer, prepend=-1) != 0]
    return _by_month(first, np.ones(len(first)), months)


def active_customers(sales: Sales, months: list[date]) -> Floats:
    """Each customer counts once in a month."""
    orders, limits = sales.order_days, _limits(months)
    month = np.searchsorted(limits, orders.day, side="right") - 1
    once = np.unique(np.column_stack([month, orders.customer]), axis=0)[:, 0]
    inside = once[(once >= 0) & (once < len(months))]
    counts: Floats = np.bincount(inside, minlength=len(months)).astype(np.float64)
    return counts


def churn_rates(sales: Sales, months: list[date], silent: int) -> Floats:
    """Of the months in which customers could have been silent for so long."""
    orders = sales.order_days
    since = int(orders.day.min()) + silent
    periods = [(number(it), number(next_month(it))) for it in months if number(it) >= since]
    return np.array([it.rate or 0.0 for it in churn(orders, silent, periods)])


def _by_month(day: Ints, amount: Floats, months: list[date]) -> Floats:
    limits = _limits(months)
    inside = (day >= limits[0]) & (day < limits[-1])
    month = np.searchsorted(limits, day[inside], side="right") - 1
    sums: Floats = np.bincount(month, amount[inside], len(months)).astype(np.float64)
    return sums


def _limits(months: list[date]) -> Ints:
    """The first days of the months, and of the one after them."""
    return np.array([number(it) for it in (*months, next_month(months[-1]))], dtype=np.int64)
