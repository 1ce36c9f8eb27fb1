"""The CDNOW data set: real purchases of 1997 and 1998 (source: README.md)."""

import lzma
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

FILE = Path(__file__).with_name("cdnow.csv.xz")


@dataclass(frozen=True, slots=True)
class Purchase:
    """One line of the data set. ``cents``: the order's total."""

    line: int
    customer_id: str
    day: date
    cds: int
    cents: int


def read(most: int | None = None) -> list[Purchase]:
    """The first ``most`` purchases of the data set, or all of them."""
    with lzma.open(FILE, "rt", encoding="ascii") as lines:
        return [_purchase(number, text) for number, text in enumerate(islice(lines, most), 1)]


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
