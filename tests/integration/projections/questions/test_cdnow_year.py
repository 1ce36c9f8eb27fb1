"""The questions about customers, on the purchases of CDNOW: the figures are known from elsewhere.

Other programs computed them from the data set as of 1998-07-01, the day after the last purchase. Nothing here
goes through the read models: the rows stand in the table that they fill.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta
from typing import Any, TypeAlias

import asyncpg
import pytest

from demo.dataset import read
from devstack.databases import Database
from projections.app import MIGRATIONS
from projections.questions.answers import values_of
from projections.questions.definitions.churn import CHURN
from projections.questions.definitions.cohorts import COHORTS
from projections.questions.definitions.customers import CUSTOMERS
from projections.questions.definitions.executive import EXECUTIVE
from projections.questions.definitions.forecasts import FORECASTS
from projections.questions.definitions.recommendations import RECOMMENDATIONS
from projections.questions.question import Question
from projections.questions.statement import Asked, all_of
from tests.support.database import Pool, execute, migrated_database, service_pool
from tests.support.parts import Parts

Ask: TypeAlias = Callable[..., Awaitable[list[dict[str, Any]]]]
STOPPED = """
    CREATE OR REPLACE FUNCTION feira_now() RETURNS timestamptz LANGUAGE sql STABLE
    AS $$ SELECT timestamptz '1998-07-01T09:00:00Z' $$
"""
MONTH = timedelta(days=31)
COLUMNS = (
    "tenant",
    "customer_id",
    "currency",
    "day",
    "known",
    "orders",
    "units",
    "gross",
    "refunded",
    "discount",
)


@pytest.fixture(scope="module")
async def cdnow(parts: Parts) -> Database:
    database = await migrated_database("cdnow_year", parts.postgres_superuser_url, MIGRATIONS)
    await execute(database.owner_url, STOPPED)
    orders: Counter[tuple[str, date]] = Counter()
    units: Counter[tuple[str, date]] = Counter()
    cents: Counter[tuple[str, date]] = Counter()
    for it in read():
        orders[it.customer_id, it.day] += 1
        units[it.customer_id, it.day] += it.cds
        cents[it.customer_id, it.day] += it.cents
    rows = [
        (
            "demo",
            customer,
            "USD",
            day,
            day,
            orders[customer, day],
            units[customer, day],
            cents[customer, day],
            0,
            0,
        )
        for customer, day in orders
    ]
    connection = await asyncpg.connect(database.superuser_url)
    try:
        added = [(*it, 0, 0) for it in rows]
        await connection.copy_records_to_table("sales", records=added, columns=[*COLUMNS, "tax", "shipping"])
        await connection.execute("ANALYZE sales")
    finally:
        await connection.close()
    return database


@pytest.fixture
async def pool(cdnow: Database) -> AsyncIterator[Pool]:
    async with service_pool(cdnow) as pool:
        yield pool


@pytest.fixture
def ask(pool: Pool) -> Ask:
    """The whole answer of a question; ``known`` is everything, the range all days unless they are given."""

    async def answer(question: Question, **given: object) -> list[dict[str, Any]]:
        values = {it.name: it.default for it in question.params}
        values |= {"tenant": "demo", "first": date.min, "end": date.max, "known": date.max, **given}
        text, arguments = all_of(Asked(question, values, {}))
        rows = await pool.fetch_for_tenant(str(values["tenant"]), text, *arguments)
        return [values_of(question.columns, it, None) for it in rows]

    return answer


async def test_customers_have_the_figures_of_the_data_set(ask: Ask) -> None:
    rows = await ask(CUSTOMERS)

    assert len(rows) == 23_570
    assert sum(it["revenue"].amount for it in rows) == 250_031_563
    assert sum(it["orders"] > 1 for it in rows) == 11_662
    assert max(it["revenue"].amount for it in rows) == rows[0]["revenue"].amount == 1_399_093
    revenue = sorted(it["revenue"].amount for it in rows)
    assert revenue[len(revenue) // 2] in {4339, 4340, 4341}
    top = sum(revenue[-len(revenue) // 5 :]) / sum(revenue)
    assert round(top, 3) == 0.678
    # no model has run
    assert {(it["r"], it["segment"], it["probability_90d"], it["value_12m"]) for it in rows} == {(None,) * 4}


async def test_cohorts_have_the_sizes_and_the_retention_of_the_data_set(ask: Ask) -> None:
    rows = await ask(COHORTS, metric="retention")
    cells = {(it["cohort"], it["period"]): it for it in rows}
    months = [date(1997, it, 1) for it in (1, 2, 3)]

    assert {it["cohort"] for it in rows} == set(months)
    assert [cells[it, 0]["size"] for it in months] == [7846, 8476, 7248]
    assert [round(7846 * cells[months[0], it]["value"]) for it in (0, 1, 17)] == [7846, 1157, 498]
    assert [round(100 * cells[it, 1]["value"], 2) for it in months] == [14.75, 15.48, 14.24]


async def test_the_revenue_of_all_cells_is_that_of_the_data_set_and_its_sum_by_customer_the_lifetime_value(
    ask: Ask,
) -> None:
    of_periods = await ask(COHORTS, metric="revenue")
    values = await ask(COHORTS, metric="ltv")

    # the last month is over on 1 July
    assert sum(it["value"].amount for it in of_periods if it["value"]) == 250_031_563
    so_far: dict[date, int] = defaultdict(int)
    for cell, value in zip(of_periods, values, strict=True):
        if cell["value"] is None:
            assert value["value"] is None
            continue
        so_far[cell["cohort"]] += cell["value"].amount
        assert value["value"].amount == (2 * so_far[cell["cohort"]] + cell["size"]) // (2 * cell["size"])


async def test_the_running_period_of_a_cohort_has_no_value_and_a_range_moves_no_customer(ask: Ask) -> None:
    running = await ask(COHORTS, known=date(1998, 6, 29))
    later = await ask(COHORTS, first=date(1997, 2, 1))
    weeks = await ask(COHORTS, period="week", known=date(1997, 1, 19))

    assert {it["period"] for it in running if it["value"] is None} == {15, 16, 17}
    assert {it["cohort"]: it["size"] for it in later} == {date(1997, 2, 1): 8476, date(1997, 3, 1): 7248}
    assert {it["cohort"].isoweekday() for it in weeks} == {1}, "ISO weeks begin on Monday"
    assert [it["value"] for it in weeks if it["period"] == 0] == [1.0] * 3


async def test_customers_who_were_silent_for_90_days_have_left(ask: Ask) -> None:
    rows = {it["period"]: it for it in await ask(CHURN, silent_days=90) if it["segment"] == "all"}

    october = rows[date(1997, 10, 1)]
    assert (october["churned"], october["customers"]) == (1175, 4195)
    rates = [
        round(100 * rows[date(year, month, 1)]["rate"], 1)
        for year, month in ((1997, 10), (1998, 1), (1998, 4))
    ]
    assert rates == [28.0, 21.2, 18.3]
    assert round(100 * rows[date(1998, 6, 1)]["rate"], 1) == 28.5
    assert rows[date(1998, 7, 1)]["rate"] is None, "it is not over"


async def test_by_default_90_per_cent_of_the_gaps_are_no_longer_than_the_silence(ask: Ask) -> None:
    assert {it["silent_days"] for it in await ask(CHURN)} == {200}


async def test_the_executive_report_has_the_figures_of_june_1998(ask: Ask) -> None:
    (report,) = await ask(EXECUTIVE, silent_days=90)
    last = report["last_30_days"]

    assert (report["first_day"], report["last_day"], report["currency"]) == (
        date(1998, 6, 1),
        date(1998, 6, 30),
        "USD",
    )
    assert (last["revenue"].amount, last["daily_average"].amount) == (7_610_930, 253_698)
    assert (last["stability"], last["active_days"]) == (0.6692, 30)
    figures = {it["name"]: it for it in report["figures"]}
    assert {name: it["reason"] for name, it in figures.items()} == {
        "mrr": "no_subscriptions",
        "arr": "no_subscriptions",
        "cac": "no_spend",
        "ltv": "no_model",
        "churn": None,
    }
    assert {it["status"] for name, it in figures.items() if name != "churn"} == {"unknown"}
    assert round(figures["churn"]["value"], 3) == 0.285


async def test_a_shop_without_sales_has_no_figures_and_no_advice(ask: Ask) -> None:
    (report,) = await ask(EXECUTIVE, tenant="rival")

    assert report["currency"] is report["last_30_days"]["revenue"] is None
    assert {it["value"] for it in report["figures"]} == {None}
    assert await ask(RECOMMENDATIONS, tenant="rival") == await ask(FORECASTS, tenant="rival") == []
