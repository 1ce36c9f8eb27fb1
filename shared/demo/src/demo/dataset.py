"""The CDNOW data set: real purchases of 1997 and 1998 (source: README.md)."""

import lzma
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

FILE = Path(__file__).with_name("cdnow.csv.xz")
SAMPLE_FILE = Path(__file__).with_name("cdnow-sample.txt")
SAMPLE_PURCHASES = 6_919
"""Of the 2,357 customers of the published sample, one in ten."""
TURNS = 50


@dataclass(frozen=True, slots=True)
class Purchase:
    """One line of the data set. ``cents``: the order's total."""

    line: int
    customer_id: str
    day: date
    cds: int
    cents: int


def read() -> list[Purchase]:
    """All purchases, in the order of the data set: by customer, who are in the order of their first days."""
    with lzma.open(FILE, "rt", encoding="ascii") as lines:
        return [_purchase(number, text) for number, text in enumerate(lines, 1)]


def spread(most: int | None = None) -> list[Purchase]:
    """``most`` purchases, or all. Customers come with their whole history (but the last one): first those of
    the published sample, one in ``TURNS`` in each turn, and then all others. So a part has customers of the
    whole quarter, and ``SAMPLE_PURCHASES`` are the sample."""
    sample = SAMPLE_FILE.read_text(encoding="ascii").split()
    turn_of = {customer_id: place % TURNS for place, customer_id in enumerate(sample)}
    ordered = sorted(read(), key=lambda it: (turn_of.get(it.customer_id, TURNS), it.line))
    return ordered[:most]


def _purchase(number: int, text: str) -> Purchase:
    customer_id, day, cds, cents = text.split(",")
    return Purchase(number, customer_id, date.fromisoformat(day), int(cds), int(cents))


def revenue(purchases: Iterable[Purchase]) -> int:
    """The sum of the totals, in cents."""
    return sum(it.cents for it in purchases)


def orders_by_day(purchases: Iterable[Purchase]) -> Counter[date]:
    return Counter(it.day for it in purchases)


def revenue_by_day(purchases: Iterable[Purchase]) -> Counter[date]:
    totals: Counter[date] = Counter()
    for purchase in purchases:
        totals[purchase.day] += purchase.cents
    return totals


def orders_by_value(purchases: Iterable[Purchase]) -> Counter[int]:
    """The number of orders by total, in order of first occurrence."""
    return Counter(it.cents for it in purchases)
