"""The analysts' figures of the demo for a terminal and as JSON: a heat map of cohorts, and the forecast."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from rich.console import Group
from rich.style import Style
from rich.table import Table
from rich.text import Text

from demo.analysis import Cohort, Forecast, Month, months_between
from demo.chart import bar
from demo.figures import dollars

COLD, HOT = (22, 38, 60), (40, 190, 160)
"""Colours of no customer and of half of the cohort; where there are none, the shares alone are written."""
HOTTEST_SHARE = 0.5


def heat_map(cohorts: Sequence[Cohort]) -> Table:
    """One row for each month of first orders, one column for each month since; shares in per cent."""
    table = Table(
        title="Cohorts by month: customers who order again, in per cent",
        title_justify="left",
        box=None,
        padding=(0, 0),
        pad_edge=False,
    )
    table.add_column("first order", no_wrap=True)
    table.add_column(" customers", justify="right", no_wrap=True)
    for number in range(max((len(it.active) for it in cohorts), default=0)):
        table.add_column(f"{number:4}", justify="right", no_wrap=True)
    for it in cohorts:
        cells = (_cell(active / it.size) for active in it.active)
        table.add_row(f"{it.month:%Y-%m}", f"{it.size:,}", *cells)
    return table


def _cell(share: float) -> Text:
    warmth = min(share / HOTTEST_SHARE, 1.0)
    red, green, blue = (round(cold + (hot - cold) * warmth) for cold, hot in zip(COLD, HOT, strict=True))
    style = Style(color="white" if warmth < HOTTEST_SHARE else "black", bgcolor=f"rgb({red},{green},{blue})")
    return Text(f"{100 * share:3.0f} ", style)


def forecast_table(forecast: Forecast) -> Group | str:
    if forecast.method is None:
        return f"No forecast of the revenue: {forecast.reason or 'the models have none'}."
    error = "unknown" if forecast.error is None else f"{forecast.error:.1f} %"
    table = Table(box=None, pad_edge=False)
    table.add_column("month", no_wrap=True)
    for heading in ("expected", "80 %: from", "to"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    highest = max((it.high or it.value for it in forecast.months), default=0)
    for it in forecast.months:
        table.add_row(f"{it.first:%Y-%m}", *_amounts(it), Text(bar(it.value, highest), "cyan"))
    title = Text("Forecast of the revenue", "italic")
    past = f"{error} (sMAPE over {forecast.folds} months)"
    how = f"Method {forecast.method}, chosen by its error in the past: {past}"
    return Group(title, how, table)


def _amounts(month: Month) -> Iterable[str]:
    return ("-" if it is None else dollars(it) for it in (month.value, month.low, month.high))


def pages(dashboard: str, first: date, last: date) -> Mapping[str, str]:
    """Pages of the dashboard with the data set's time, by what they show."""
    span = {"from": first.replace(day=1).isoformat(), "to": last.isoformat()}
    cohorts = urlencode({"metric": "retention", "periods": months_between(first, last) + 1, **span})
    return {
        "the cohorts": f"{dashboard}/cohorts?{cohorts}",
        "revenue by day": f"{dashboard}/conversion?{urlencode(span)}",
        "the forecast": f"{dashboard}/forecast-months?series=revenue",
        "the customers": f"{dashboard}/customers",
    }


def dashboard_lines(dashboard: str, key: str, first: date, last: date, *, stay: bool) -> Group:
    """Ends with the address of the dashboard."""
    table = Table(title="The dashboard", title_justify="left", box=None, show_header=False, pad_edge=False)
    for title, address in pages(dashboard, first, last).items():
        table.add_row(title, address)
    closing = "" if stay else " It closes with the demo: --stay keeps it open."
    return Group(table, Text(f"Sign in with the key {key}.{closing}"), Text(f"Dashboard: {dashboard}/"))


def as_json(cohorts: Sequence[Cohort], forecast: Forecast) -> dict[str, Any]:
    return {
        "cohorts": [
            {"cohort": it.month.isoformat(), "size": it.size, "active": list(it.active)} for it in cohorts
        ],
        "forecast": {
            "method": forecast.method,
            "reason": forecast.reason,
            "backtest": {"error": forecast.error, "folds": forecast.folds},
            "months": [
                {"month": it.first.isoformat(), "value": it.value, "low": it.low, "high": it.high}
                for it in forecast.months
            ],
        },
    }
