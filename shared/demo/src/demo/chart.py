"""Charts of terminal characters."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby

from rich.table import Table
from rich.text import Text

from demo.figures import Day, Product, dollars

LEVELS = "▁▂▃▄▅▆▇█"
NOTHING = "·"
BAR = "█"
HALF_BAR = "▌"
BAR_WIDTH = 24


def level(value: int, highest: int) -> str:
    """The block character for a value; every positive value is visible."""
    if value <= 0 or highest <= 0:
        return NOTHING
    return LEVELS[-(-min(value, highest) * len(LEVELS) // highest) - 1]


def bar(value: int, highest: int) -> str:
    halves = 2 * BAR_WIDTH * value // highest if highest > 0 else 0
    return BAR * (halves // 2) + HALF_BAR * (halves % 2)


def full_column(values: Sequence[int]) -> int:
    """The 95th percentile: the height of a full column, so that one extreme day does not flatten the
    others."""
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) * 19 // 20] if ordered else 0


def calendar(days: Mapping[date, Day]) -> Table:
    """Conversion by day: one row per month, one column per day."""
    full = full_column([it.revenue for it in days.values()])
    table = Table(title="Conversion by day", title_justify="left", box=None, pad_edge=False)
    table.add_column("month", no_wrap=True)
    table.add_column(f"revenue by day ({LEVELS[-1]} {dollars(full)} or more)", no_wrap=True)
    for heading in ("checkouts", "completed", "rate", "revenue"):
        table.add_column(heading, justify="right", no_wrap=True)
    for month, group in groupby(_every_day(days), key=lambda day: f"{day:%Y-%m}"):
        its_days = list(group)
        found = [days[day] for day in its_days if day in days]
        columns = "".join(level(days[day].revenue if day in days else 0, full) for day in its_days)
        checkouts, completed = sum(it.checkouts for it in found), sum(it.completed for it in found)
        rate = f"{100 * completed / checkouts:.1f} %" if checkouts else "-"
        revenue = dollars(sum(it.revenue for it in found))
        table.add_row(month, Text(columns, "green"), f"{checkouts:,}", f"{completed:,}", rate, revenue)
    return table


def _every_day(days: Mapping[date, Day]) -> Sequence[date]:
    """All days from the first of the first month to the last day with data."""
    if not days:
        return []
    first, last = min(days).replace(day=1), max(days)
    return [first + timedelta(number) for number in range((last - first).days + 1)]


def best_products(products: Sequence[Product], most: int = 10) -> Table:
    highest = max((it.revenue for it in products), default=0)
    table = Table(title=f"The {most} best products", title_justify="left", box=None, pad_edge=False)
    table.add_column("product", no_wrap=True)
    table.add_column("revenue", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("sold", justify="right")
    for product in products[:most]:
        table.add_row(
            product.name,
            dollars(product.revenue),
            Text(bar(product.revenue, highest), "cyan"),
            f"{product.times_sold:,}",
        )
    return table
