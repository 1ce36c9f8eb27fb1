"""The executive report and the recommendations, on rows that are easily reckoned by hand, and bugs that are
planted into the SQL: each must be found by these figures.

It is 1 July 1998, 9:00: June is the last 30 whole days, May (from the 2nd) the 30 days before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import pytest

from devstack.databases import Database
from kernel.observability.health import Heartbeats
from projections.app import MIGRATIONS
from projections.questions.definitions.cohorts import COHORTS
from projections.questions.definitions.executive import EXECUTIVE
from projections.questions.definitions.recommendations import RECOMMENDATIONS
from projections.questions.definitions.reported_figures import REPORTED_FIGURES
from projections.questions.definitions.retention_strategies import STRATEGIES
from projections.questions.question import Question
from projections.questions.statement import Asked, all_of
from projections.reported.keeping import ReportedFigures
from projections.statistics.segments import SEGMENTS
from tests.support.database import Pool, copied, execute, migrated_database, service_pool
from tests.support.parts import Parts

Row: TypeAlias = tuple[Any, ...]
Check: TypeAlias = Callable[[Pool, Question], Awaitable[None]]
SALES = (
    *("tenant", "customer_id", "currency", "day", "known", "orders", "units", "gross", "refunded"),
    *("discount", "tax", "shipping"),
)
SPEND = (
    *("tenant", "spend_id", "channel", "day", "currency", "amount", "known", "recorded_at", "recorded_by"),
)
STOPPED = """
    CREATE OR REPLACE FUNCTION feira_now() RETURNS timestamptz LANGUAGE sql STABLE
    AS $$ SELECT timestamptz '1998-07-01T09:00:00Z' $$
"""
MODEL = """
    WITH run AS (
        INSERT INTO model_run
               (tenant, run_id, model, version, currency, asked_by, asked_at, state, trained_to)
        VALUES ($1, gen_random_uuid(), 'customer_value', 1, 'USD', 'test', feira_now(), 'done', '1998-06-30')
        RETURNING tenant, run_id
    )
    INSERT INTO customer_value
           (tenant, customer_id, currency, run_id, p_alive, probability_90d, expected_orders_90d, value_12m)
    SELECT tenant, 'a', 'USD', run_id, 1, 0.5, 1, 1000 FROM run
"""


def sold(tenant: str, customer: str, day: date, gross: int, currency: str = "USD") -> Row:
    return tenant, customer, currency, day, day, 1, 1, gross, 0, 0, 0, 0


def refunded(tenant: str, customer: str, day: date, amount: int) -> Row:
    return tenant, customer, "USD", day, day, 0, 0, 0, amount, 0, 0, 0


def silent(tenant: str, left: int, customers: int = 10_000) -> Iterable[Row]:
    """So many customers have not left at the beginning of the last 90 days, and so many leave in them if 90
    days of silence count."""
    for n in range(customers):
        yield sold(tenant, f"c{n}", date(1998, 3, 1), 100)
        if n >= left:
            yield sold(tenant, f"c{n}", date(1998, 5, 1), 100)


def spent(tenant: str, day: date, amount: int, known: date) -> Row:
    at = datetime.combine(known, time(12), UTC)
    return tenant, UUID(int=amount), "ads", day, "USD", amount, known, at, "test"


SOLD = (
    sold("shop", "a", date(1998, 6, 10), 1000),
    sold("shop", "a", date(1998, 6, 11), 7000, "EUR"),
    sold("shop", "b", date(1998, 5, 20), 2000),
    refunded("shop", "b", date(1998, 6, 20), 500),
    sold("shop", "c", date(1998, 7, 1), 900_000),
    sold("two", "a", date(1998, 4, 1), 1000, "EUR"),
    sold("two", "a", date(1998, 6, 10), 1000),
    sold("two", "b", date(1998, 6, 11), 1000),
    sold("back", "a", date(1998, 5, 20), 1000),
    sold("back", "a", date(1998, 6, 10), 1000),
    sold("back", "b", date(1998, 6, 11), 1000),
    *silent("at-5.00", 500),
    *silent("at-5.01", 501),
    *silent("segments", 16, 1_000),
    *(sold(tenant, "a", date(1998, 6, 10), 1000) for tenant in ("at-30", "above-30", "no-spend", "no-model")),
)
SPENT = (
    spent("shop", date(1998, 6, 3), 5000, date(1998, 6, 4)),
    spent("shop", date(1998, 6, 3), 3000, date(1998, 6, 25)),
    spent("shop", date(1998, 5, 20), 500, date(1998, 5, 21)),
    spent("two", date(1998, 6, 3), 8000, date(1998, 6, 4)),
    spent("at-30", date(1998, 6, 3), 300, date(1998, 6, 4)),
    spent("above-30", date(1998, 6, 3), 301, date(1998, 6, 4)),
    spent("no-model", date(1998, 6, 3), 999, date(1998, 6, 4)),
)
ADVISED = "at-5.00", "at-5.01", "at-30", "above-30", "no-spend", "no-model", "nothing"
MODELLED = ("at-30", "above-30", "no-spend")
SEGMENTED = """
    INSERT INTO customer_segment (tenant, customer_id, currency, from_day, r, f, m, segment)
    SELECT 'segments', 'c' || n, 'USD', '1998-03-15', 1, 1, 1,
           CASE WHEN n < 100 THEN 'at_risk' ELSE 'loyal' END
    FROM generate_series(0, 999) AS n
"""
REPORTED = """
    INSERT INTO figures_reported (tenant, reported_on, figure, currency, first_day, last_day, value)
    VALUES ('above-30', $1, 'ltv', 'USD', '1998-05-02', '1998-05-31', '{"amount": 800, "currency": "USD"}')
"""


@pytest.fixture(scope="module")
async def shops(parts: Parts) -> Database:
    database = await migrated_database("key_figures", parts.postgres_superuser_url, MIGRATIONS)
    await execute(database.owner_url, STOPPED)
    connection = await asyncpg.connect(database.superuser_url)
    try:
        await connection.copy_records_to_table("sales", records=SOLD, columns=SALES)
        await connection.copy_records_to_table("marketing_spend", records=SPENT, columns=SPEND)
        await connection.executemany(MODEL, [(it,) for it in MODELLED])
        await connection.execute(SEGMENTED)
        await connection.execute(REPORTED, date(1998, 6, 1))
    finally:
        await connection.close()
    return database


@pytest.fixture
async def pool(shops: Database) -> AsyncIterator[Pool]:
    async with service_pool(shops) as pool:
        yield pool


async def ask(pool: Pool, question: Question, tenant: str, **given: object) -> list[Any]:
    values: dict[str, object] = {it.name: it.default for it in question.params}
    values |= {"tenant": tenant, "first": date.min, "end": date.max, "known": date.max, **given}
    text, arguments = all_of(Asked(question, values, {}))
    return list(await pool.fetch_for_tenant(tenant, text, *arguments))


async def june_is_reported(pool: Pool, executive: Question) -> None:
    """1,000 sold and 500 refunded in dollars, one new customer in each window, and spend corrected to
    3,000."""
    (report,) = await ask(pool, executive, "shop", currency="USD")
    cac = [it for it in report["figures"] if it["name"] == "cac" and it["currency"] == "USD"]

    assert (report["first_day"], report["last_day"]) == (date(1998, 6, 1), date(1998, 6, 30))
    assert report["last_30_days"]["revenue"] == 500
    assert report["last_30_days"]["active_days"] == 1
    assert [(it["value"]["amount"], it["previous"]["amount"]) for it in cac] == [(3000, 500)]
    assert [(it["growth"], it["status"]) for it in cac] == [(5, "down")], "a higher cost is worse"


async def later_cohorts_keep_their_customers(pool: Pool, cohorts: Question) -> None:
    """One of May has come back in June, and one is new."""
    rows = await ask(pool, cohorts, "back", first=date(1998, 6, 1))
    assert {(it["cohort"], it["size"]) for it in rows} == {(date(1998, 6, 1), 1)}


async def advice_begins_above_the_thresholds(pool: Pool, recommendations: Question) -> None:
    given = {
        tenant: [it["type"] for it in await ask(pool, recommendations, tenant, silent_days=90)]
        for tenant in ADVISED
    }
    assert given == {
        "at-5.00": [],
        "at-5.01": ["retention"],
        "at-30": [],
        "above-30": ["acquisition"],
        "no-spend": [],
        "no-model": [],
        "nothing": [],
    }


async def test_the_report_compares_30_whole_days_with_the_30_before(pool: Pool) -> None:
    await june_is_reported(pool, EXECUTIVE)


async def test_a_range_of_cohorts_moves_no_customer_to_a_later_one(pool: Pool) -> None:
    await later_cohorts_keep_their_customers(pool, COHORTS)


async def test_advice_is_given_above_a_threshold_and_never_for_an_unknown_figure(pool: Pool) -> None:
    await advice_begins_above_the_thresholds(pool, RECOMMENDATIONS)


async def test_a_segment_that_loses_more_than_15_percent_gets_the_advice_for_it(pool: Pool) -> None:
    """16 of the first 100 customers leave, who are at risk, and no other: 1.6 % of all."""
    (advice,) = await ask(pool, RECOMMENDATIONS, "segments", silent_days=90)
    assert (advice["priority"], advice["segment"], advice["text"]) == (
        "medium",
        "at_risk",
        STRATEGIES["at_risk"],
    )
    assert [(it["value"], it["threshold"]) for it in advice["figures"]] == [(0.16, 0.15)]
    (advice,) = await ask(pool, RECOMMENDATIONS, "segments", silent_days=90, known=date(1998, 6, 30))
    assert advice["segment"] == "at_risk"


def test_every_segment_has_a_strategy() -> None:
    assert set(STRATEGIES) == set(SEGMENTS)


async def test_who_has_ordered_in_another_currency_is_no_new_customer(pool: Pool) -> None:
    """8,000 for one customer: the other one has ordered in euros before."""
    (report,) = await ask(pool, EXECUTIVE, "two")
    costs = [it["value"] for it in report["figures"] if it["name"] == "cac" and it["currency"] == "USD"]
    assert costs == [{"amount": 8000, "currency": "USD"}]


async def test_the_ltv_has_grown_since_it_was_reported_before_the_window(pool: Pool) -> None:
    (report,) = await ask(pool, EXECUTIVE, "above-30")
    (ltv,) = [it for it in report["figures"] if it["name"] == "ltv"]
    assert (ltv["value"]["amount"], ltv["previous"]["amount"]) == (1000, 800)
    assert (ltv["growth"], ltv["status"]) == (0.25, "up")


async def test_thresholds_are_compared_with_figures_that_are_not_rounded(
    shops: Database,
) -> None:
    """One unit for two customers is 0.5, which rounds to 1; 30 % of 2.4 are 0.72."""
    rows = [sold("halves", it, date(1998, 6, 10), 1000) for it in ("a", "b")]
    worth = MODEL.replace("'a', 'USD', run_id, 1, 0.5, 1, 1000", "c, 'USD', run_id, 1, 0.5, 1, v").replace(
        "FROM run", "FROM run, (VALUES ('a', 2), ('b', 2), ('c', 2), ('d', 3), ('e', 3)) AS of (c, v)"
    )
    async with copied(shops) as database, service_pool(database) as pool:
        connection = await asyncpg.connect(database.superuser_url)
        try:
            await connection.copy_records_to_table("sales", records=rows, columns=SALES)
            spend = [spent("halves", date(1998, 6, 3), 1, date(1998, 6, 4))]
            await connection.copy_records_to_table("marketing_spend", records=spend, columns=SPEND)
            await connection.execute(worth, "halves")
        finally:
            await connection.close()
        assert await ask(pool, RECOMMENDATIONS, "halves") == []


async def test_days_on_which_nothing_ran_are_made_up_for_and_marked(shops: Database) -> None:
    """The report of 1 June was the last one; a refund of 20 June that was recorded on the 25th is in none of
    the reports up to then."""
    async with copied(shops) as database, service_pool(database) as pool:
        connection = await asyncpg.connect(database.superuser_url)
        try:
            late = refunded("above-30", "a", date(1998, 6, 20), 250)
            row = (*late[:4], date(1998, 6, 25), *late[5:])
            await connection.copy_records_to_table("sales", records=[row], columns=SALES)
        finally:
            await connection.close()
        await ReportedFigures(pool, Heartbeats()).keep()
        shown = {
            day: {
                it["figure"]: (it["reported"], it["is_late"])
                for it in await ask(pool, REPORTED_FIGURES, "above-30", reported_on=date(1998, *day))
            }
            for day in ((6, 25), (6, 26), (7, 1))
        }
        (new,) = await ask(pool, REPORTED_FIGURES, "shop", reported_on=date(1998, 6, 30)) or [None]

    revenue = {day: figures["revenue"] for day, figures in shown.items()}
    dollars = [{"amount": it, "currency": "USD"} for it in (1000, 750, 750)]
    assert list(revenue.values()) == list(zip(dollars, (True, True, False), strict=True))
    assert new is None, "a shop without an earlier report begins today"


async def test_what_is_unknown_is_null_with_the_reason_and_never_0(pool: Pool) -> None:
    (report,) = await ask(pool, EXECUTIVE, "no-spend")
    (nothing,) = await ask(pool, EXECUTIVE, "nothing")
    found = {it["name"]: it for it in report["figures"]}

    unknown = {name: it["reason"] for name, it in found.items() if it["value"] is None}
    assert unknown == {
        **dict.fromkeys(("mrr", "arr"), "no_subscriptions"),
        "cac": "no_spend",
        "churn": "no_customers",
    }
    assert {it["status"] for it in found.values()} == {"unknown"}
    assert nothing["last_30_days"] == {
        **dict.fromkeys(("currency", "revenue", "daily_average", "stability")),
        "active_days": 0,
    }


async def test_a_correction_of_spend_leaves_the_report_of_the_days_before_it(pool: Pool) -> None:
    june = date(1998, 6, 24)
    for known, amount in ((june, 5000), (june + timedelta(days=1), 3000)):
        (report,) = await ask(pool, EXECUTIVE, "shop", currency="USD", known=known)
        costs = [it["value"] for it in report["figures"] if it["name"] == "cac" and it["currency"] == "USD"]
        assert costs == [{"amount": amount, "currency": "USD"}]


async def test_what_was_reported_stays_when_late_facts_change_what_is_known(
    shops: Database,
) -> None:
    async with copied(shops) as database, service_pool(database) as pool:
        for _ in range(2):
            await ReportedFigures(pool, Heartbeats()).keep()
        before = await ask(pool, REPORTED_FIGURES, "above-30")
        rows = [refunded("above-30", "a", date(1998, 6, 20), 250)]
        connection = await asyncpg.connect(database.superuser_url)
        try:
            late = [(*it[:4], date(1998, 7, 3), *it[5:]) for it in rows]
            await connection.copy_records_to_table("sales", records=late, columns=SALES)
        finally:
            await connection.close()
        after = await ask(pool, REPORTED_FIGURES, "above-30", reported_on=date(1998, 7, 1))
        then = await ask(pool, REPORTED_FIGURES, "above-30", known=date(1998, 7, 2))

    assert [(it["figure"], it["differs"]) for it in before] == [
        *(("arr", False), ("cac", False), ("churn", False)),
        *(("ltv", False), ("mrr", False), ("revenue", False)),
    ]
    money = {"currency": "USD"}
    assert [(it["figure"], it["reported"], it["known"]) for it in after if it["differs"]] == [
        ("revenue", {"amount": 1000, **money}, {"amount": 750, **money})
    ]
    assert then == before


LATE_REFUNDS = """FROM (
    SELECT tenant, customer_id, currency, day - CASE WHEN orders = 0 THEN 31 ELSE 0 END AS day, known,
           orders, gross, refunded
    FROM public.sales
) AS sales
"""


@pytest.mark.parametrize(
    ("question", "right", "wrong", "check"),
    [
        pytest.param(
            EXECUTIVE, "FROM public.sales", LATE_REFUNDS, june_is_reported, id="refund-in-month-of-sale"
        ),
        pytest.param(
            EXECUTIVE, "least(:known + 1, ", "least(:known + 1, 1 + ", june_is_reported, id="partial-day"
        ),
        pytest.param(
            EXECUTIVE,
            "SELECT customer_id, currency, day, orders",
            "SELECT customer_id, 'USD' AS currency, day, orders",
            june_is_reported,
            id="currencies-added",
        ),
        pytest.param(
            EXECUTIVE,
            "SELECT DISTINCT ON (channel, day, currency) channel",
            "SELECT channel",
            june_is_reported,
            id="correction-added",
        ),
        pytest.param(
            EXECUTIVE, "IN ('cac', 'churn')", "IN ('churn')", june_is_reported, id="status-not-inverted"
        ),
        pytest.param(
            COHORTS,
            "AND known <= :known",
            "AND known <= :known AND day >= :first",
            later_cohorts_keep_their_customers,
            id="cohort-filtered-early",
        ),
        pytest.param(
            RECOMMENDATIONS, "rate > 0.05", "rate >= 0.05", advice_begins_above_the_thresholds, id="at-5.00"
        ),
        pytest.param(
            RECOMMENDATIONS, "exact_cac > ", "exact_cac >= ", advice_begins_above_the_thresholds, id="at-30"
        ),
    ],
)
async def test_a_planted_bug_is_found(
    pool: Pool, question: Question, right: str, wrong: str, check: Check
) -> None:
    assert right in question.sql, "nothing would be planted"
    with pytest.raises(AssertionError):
        await check(pool, replace(question, sql=question.sql.replace(right, wrong)))
