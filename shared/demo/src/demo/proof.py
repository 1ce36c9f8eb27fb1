"""Compare revenue and order counts of all parts with the data set, to the cent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from demo import dataset
from demo.dataset import Purchase
from demo.figures import Day, Product
from demo.reconciliation import Balance


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison: the data set's figure and the one found."""

    what: str
    wanted: int
    found: int
    is_money: bool = True

    @property
    def holds(self) -> bool:
        return self.wanted == self.found


def checks(
    purchases: Sequence[Purchase], days: dict[date, Day], products: Iterable[Product], books: Balance
) -> list[Check]:
    total = dataset.revenue(purchases)
    return [
        Check("revenue of all days (conversion)", total, sum(it.revenue for it in days.values())),
        Check("revenue of all products", total, sum(it.revenue for it in products)),
        Check("captured by the gateway, less refunds", total, books.kept),
        Check("completed checkouts", len(purchases), sum(it.completed for it in days.values()), False),
        Check("days whose revenue and orders differ", 0, len(differing_days(purchases, days)), False),
    ]


def differing_days(purchases: Sequence[Purchase], days: dict[date, Day]) -> list[date]:
    """The days on which the read model and the data set differ."""
    orders, revenue = dataset.orders_by_day(purchases), dataset.revenue_by_day(purchases)
    nothing = Day(0, 0, 0)
    return [
        day
        for day in sorted(orders.keys() | days.keys())
        if (orders[day], revenue[day]) != (days.get(day, nothing).completed, days.get(day, nothing).revenue)
    ]
