"""The CDNOW purchases as days with an order: all customers, and the tenth of them that the papers use.

The sample is the one of Fader and Hardie's files; no rule on the whole set gives it, so its customers
stand in ``cdnow_sample_ids.txt``.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np

from demo.dataset import Purchase, read
from projections.statistics.fitting import Floats
from projections.statistics.order_days import Histories, OrderDays, histories

SAMPLE_IDS = Path(__file__).with_name("cdnow_sample_ids.txt")
EPOCH = date(1970, 1, 1)


def day(year: int, month: int, of_month: int = 1) -> int:
    return (date(year, month, of_month) - EPOCH).days


CALIBRATED_TO = day(1997, 9, 30)
LAST_DAY = day(1998, 6, 30)
HOLDOUT_WEEKS = 39.0


@cache
def purchases() -> tuple[Purchase, ...]:
    return tuple(read())


def sample_ids() -> list[int]:
    return [int(it) for it in SAMPLE_IDS.read_text().split()]


@cache
def sample() -> OrderDays:
    ids = set(sample_ids())
    return order_days(tuple(it for it in purchases() if int(it.customer_id) in ids))


@cache
def master() -> OrderDays:
    return order_days(purchases())


def order_days(given: tuple[Purchase, ...]) -> OrderDays:
    cents: Counter[tuple[int, int]] = Counter()
    for it in given:
        cents[int(it.customer_id), (it.day - EPOCH).days] += it.cents
    rows = sorted(cents)
    numbers = {name: number for number, name in enumerate(sorted({customer for customer, _ in rows}))}
    return OrderDays(
        np.array([numbers[customer] for customer, _ in rows]),
        np.array([on for _, on in rows]),
        np.array([cents[it] for it in rows]),
    )


def orders_after(orders: OrderDays, known: Histories, until: int = LAST_DAY) -> Floats:
    """The days with an order in the hold-out, of each customer."""
    later = orders.after(CALIBRATED_TO, until)
    return np.bincount(later.customer, minlength=len(known.x))[known.customer].astype(float)


def calibration(orders: OrderDays) -> Histories:
    return histories(orders, CALIBRATED_TO)
