"""What analysts see of the demo's purchases: cohorts, and forecasts with their error in the past.

All of it comes from the public interface. The models are asked for at once: they would run at night.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from demo.dataset import Purchase
from demo.shopping.api import Api
from demo.shopping.shop import CURRENCY

ANALYST = "analyst"
MODELS = "/v1/analytics/models"
FORECASTS = "forecasts"
ENDED = {"done", "too_few", "failed"}
RUN_TIMEOUT_SECONDS = 120.0
POLL_INTERVAL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Cohort:
    """The customers of one month of first orders. ``active``: how many of them ordered in that month and in
    each one after it."""

    month: date
    size: int
    active: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """A month to come; amounts in cents."""

    first: date
    value: int
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The revenue of the months to come. ``error``: of the past, sMAPE in per cent over ``folds`` months.
    ``reason``: why there is none."""

    method: str | None = None
    error: float | None = None
    folds: int = 0
    months: tuple[Month, ...] = ()
    reason: str | None = None


def months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def expected_cohorts(purchases: Iterable[Purchase]) -> list[Cohort]:
    """The cohorts by the data set, up to the month of its last purchase."""
    months: defaultdict[str, set[date]] = defaultdict(set)
    for it in purchases:
        months[it.customer_id].add(it.day.replace(day=1))
    last = max(it for of_customer in months.values() for it in of_customer)
    cohorts: defaultdict[date, list[set[date]]] = defaultdict(list)
    for of_customer in months.values():
        cohorts[min(of_customer)].append(of_customer)
    return [
        Cohort(first, len(found), tuple(_active(found, first, last)))
        for first, found in sorted(cohorts.items())
    ]


def _active(customers: Sequence[set[date]], first: date, last: date) -> Iterable[int]:
    for number in range(months_between(first, last) + 1):
        year, month = divmod(first.year * 12 + first.month - 1 + number, 12)
        yield sum(date(year, month + 1, 1) in it for it in customers)


def differing_cells(expected: Sequence[Cohort], found: Sequence[Cohort]) -> int:
    """How many cells of one differ from the other's, or are in one alone."""
    cells, others = (
        {(it.month, number): active for it in cohorts for number, active in enumerate(it.active)}
        for cohorts in (expected, found)
    )
    return sum(cells.get(it) != others.get(it) for it in cells.keys() | others.keys())


async def read_cohorts(api: Api, first: date, last: date) -> list[Cohort]:
    """Retention by month of the cohorts from ``first`` on, up to the month of ``last``."""
    span = {"from": first.replace(day=1).isoformat(), "to": last.isoformat()}
    periods = str(months_between(first, last) + 1)
    rows = await api.items(
        "projections", "/v1/analytics/cohorts", ANALYST, metric="retention", periods=periods, **span
    )
    cohorts: defaultdict[tuple[date, int], dict[int, int]] = defaultdict(dict)
    for it in rows:
        month = date.fromisoformat(it["cohort"])
        if it["currency"] == CURRENCY and it["period"] <= months_between(month, last):
            cohorts[month, it["size"]][it["period"]] = round((it["value"] or 0) * it["size"])
    return [
        Cohort(month, size, tuple(active for _, active in sorted(cells.items())))
        for (month, size), cells in sorted(cohorts.items())
    ]


async def read_forecast(api: Api, key: str) -> Forecast:
    """Has the models run, and returns the forecast of the revenue. ``key``: the idempotency key of the run.
    Raises ``TimeoutError``."""
    asked = await api.post("projections", f"{MODELS}/run", ANALYST, key)
    runs = {it["run_id"] for it in asked["runs"]}
    async with asyncio.timeout(RUN_TIMEOUT_SECONDS):
        while not (ended := await _ended(api, runs)):  # noqa: ASYNC110  # the run is in another process
            await asyncio.sleep(POLL_INTERVAL_SECONDS)
    run = ended.get(FORECASTS)
    if run is None or run["state"] != "done":
        return Forecast(reason=run["reason"] if run else "nothing was sold before today")
    rows = await api.items("projections", f"/v1/analytics/{FORECASTS}", ANALYST, name="revenue")
    return next((forecast_of(it) for it in rows if it["currency"] == CURRENCY), Forecast())


async def _ended(api: Api, runs: set[str]) -> dict[str, Mapping[str, Any]]:
    """The runs by model, once all have ended; before that nothing."""
    page = await api.get("projections", f"{MODELS}/runs", ANALYST, limit=100)
    found = [it for it in page["items"] if it["run_id"] in runs]
    is_over = all(it["state"] in ENDED for it in found)
    return {it["model"]: it for it in found if it["currency"] == CURRENCY} if is_over else {}


def forecast_of(row: Mapping[str, Any]) -> Forecast:
    """``row``: of the revenue, as the interface shows it."""
    backtest = row["backtest"] or {"error": None, "folds": 0}
    return Forecast(
        row["method"], backtest["error"], backtest["folds"], tuple(map(_month, row["points"])), row["reason"]
    )


def _month(point: Mapping[str, Any]) -> Month:
    return Month(date.fromisoformat(point["period"]), *(_cents(point[it]) for it in ("value", "low", "high")))


def _cents(value: Any) -> Any:
    return None if value is None else value["amount"]
