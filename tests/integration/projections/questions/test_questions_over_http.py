"""Questions over HTTP, on rows that the tests insert."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import date
from time import time
from typing import Any
from uuid import UUID

import pytest

from devstack.databases import Database
from tests.integration.projections.conftest import Reader
from tests.integration.projections.questions.asking import in_pages, insert, on
from tests.integration.projections.test_figures_over_http import Caller

HOUR_MS = 60 * 60 * 1000
BUCKETS = {25: 0, 50: 3, 100: 3, 250: 3, 500: 4, 300_000: 4, None: 5}


def cursor(*values: object) -> str:
    return urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def conversion(day: date, currency: str, checkouts: int, completed: int, ordered: int) -> dict[str, object]:
    measures = {"checkouts": checkouts, "completed": completed, "ordered": ordered, "revenue": ordered}
    return {"tenant": "demo", "day": day, "known": day, "currency": currency, **measures}


def operations(day: date, kind: str, label: str, count: int, code: str = "") -> dict[str, object]:
    return {"tenant": "demo", "day": day, "kind": kind, "label": label, "code": code, "count": count}


async def test_an_average_is_rounded_half_up_and_a_rate_of_nothing_is_null_and_not_0(
    reader: Reader, database: Database
) -> None:
    day = date(2011, 3, 1)
    rows = [
        conversion(day, name, count, count, total)
        for name, count, total in (("AAA", 2, 5), ("BBB", 2, -5), ("CCC", 0, 5))
    ]
    await insert(database.superuser_url, "checkout_conversion", *rows)
    found = await reader.items("analytics/conversion", **on(day))
    averages = [it["average_order_value"] and it["average_order_value"]["amount"] for it in found]
    assert averages == [3, -2, None]
    assert [it["rate"] for it in found] == [1.0, 1.0, None]


async def test_a_rate_has_the_published_interval_and_nothing_has_none(
    reader: Reader, database: Database
) -> None:
    """81 of 263, 0 of 20 and 1 of 29 of Newcombe (1998), table I, method 3."""
    day = date(2011, 4, 1)
    counts = (("AAA", 263, 81), ("BBB", 20, 0), ("CCC", 29, 1), ("DDD", 0, 0))
    rows = [conversion(day, name, checkouts, completed, 5) for name, checkouts, completed in counts]
    await insert(database.superuser_url, "checkout_conversion", *rows)
    found = await reader.items("analytics/conversion", **on(day))
    ends = [[it[name] and round(it[name], 4) for name in ("rate_low", "rate_high")] for it in found]
    assert ends == [[0.2553, 0.3662], [0.0, 0.1611], [0.0061, 0.1718], [None, None]]


async def test_the_day_after_the_range_is_not_in_it(reader: Reader, database: Database) -> None:
    days = [date(2012, 1, n) for n in (1, 2, 3)]
    await insert(
        database.superuser_url, "checkout_conversion", *(conversion(it, "EUR", 1, 1, 5) for it in days)
    )
    shown = await reader.items("analytics/conversion", **{"from": "2012-01-01", "to": "2012-01-02"})
    assert [it["day"] for it in shown] == ["2012-01-02", "2012-01-01"]


async def test_a_figure_is_asked_for_as_it_was_known_on_a_day(reader: Reader, database: Database) -> None:
    day = date(2012, 6, 1)
    late = conversion(day, "EUR", 0, 0, 0) | {"revenue": -200, "known": date(2012, 7, 1)}
    await insert(database.superuser_url, "checkout_conversion", conversion(day, "EUR", 2, 1, 1000), late)

    async def revenue(**known: str) -> int:
        [row] = await reader.items("analytics/conversion", **on(day), **known)
        amount: int = row["revenue"]["amount"]
        return amount

    assert await revenue() == 800
    assert await revenue(known="2012-07-01") == 800
    assert await revenue(known="2012-06-30") == 1000
    assert await reader.items("analytics/conversion", **on(day), known="2012-05-31") == []


async def test_a_filter_leaves_the_rows_with_its_value_on_every_page(
    reader: Reader, database: Database
) -> None:
    days = [date(2013, 1, n) for n in range(1, 6)]
    rows = [conversion(day, currency, 1, 1, 5) for day in days for currency in ("EUR", "JPY")]
    await insert(database.superuser_url, "checkout_conversion", *rows)
    query = {"from": "2013-01-01", "to": "2013-01-31"}
    shown = await in_pages(reader, "analytics/conversion", 2, currency="JPY", **query)
    assert [it["revenue"]["currency"] for it in shown] == ["JPY"] * 5
    assert len(await in_pages(reader, "analytics/conversion", 3, **query)) == 10


@pytest.mark.parametrize(
    ("path", "query", "pointer"),
    [
        ("conversion", {"currencies": "EUR"}, "#/currencies"),
        ("conversion", {"currency": "EUR" * 100}, "#/currency"),
        ("conversion", {"cursor": cursor("2026-01-01", "\0")}, "#/cursor"),
        ("conversion", {"cursor": cursor("2026-01-01", 1)}, "#/cursor"),
        ("conversion", {"cursor": cursor("2026-01-01")}, "#/cursor"),
        ("conversion", {"known": "1767225600"}, "#/known"),
        ("checkout-operations", {"known": "2026-01-01"}, "#/known"),
        ("products", {"product_id": "4711"}, "#/product_id"),
        ("checkout-operations", {"limit": "5"}, "#/limit"),
        ("checkout-operations", {"stuck_after_seconds": "5"}, "#/stuck_after_seconds"),
    ],
    ids=[
        "no such filter",
        "too long",
        "cursor with NUL",
        "cursor of other types",
        "short cursor",
        "no day",
        "no known day",
        "no id",
        "one object",
        "a setting",
    ],
)
async def test_a_parameter_that_the_question_does_not_have_or_that_does_not_fit_is_refused(
    caller: Caller, path: str, query: dict[str, str], pointer: str
) -> None:
    refused = await caller("demo-analyst").get(f"/v1/analytics/{path}", params=query)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_question_that_does_not_exist_is_not_found(caller: Caller) -> None:
    assert (await caller("demo-analyst").get("/v1/analytics/unheard-of")).status_code == 404


async def test_percentiles_are_durations_that_were_observed_and_the_last_bucket_counts_all(
    reader: Reader, database: Database
) -> None:
    day = date(2014, 1, 1)
    counts = {50: 3, 400: 1, 400_000: 1}
    rows = [operations(day, "duration", str(ms), count) for ms, count in counts.items()]
    await insert(database.superuser_url, "checkout_operations", *rows)
    found = (await reader.get("analytics/checkout-operations", **on(day)))["duration_ms"]
    assert [found[it] for it in ("p50", "p95", "p99")] == [50, 400_000, 400_000]
    assert {it["le"]: it["count"] for it in found["histogram"] if it["le"] in BUCKETS} == BUCKETS
    nothing = (await reader.get("analytics/checkout-operations", **on(date(2014, 1, 2))))["duration_ms"]
    assert [nothing[it] for it in ("p50", "p95", "p99")] == [None] * 3
    assert {it["count"] for it in nothing["histogram"]} == {0}


async def test_a_checkout_that_waits_for_a_payment_of_days_is_not_stuck_before_that_time_is_over(
    reader: Reader, database: Database
) -> None:
    day = date(2015, 1, 1)
    now = round(time() * 1000)

    def open_checkout(number: int, begun: int, extended: int, *stuck: str) -> dict[str, Any]:
        state = {
            "begun": f"{day}",
            "begun_ms": begun,
            "extended_ms": extended,
            "ended": False,
            "stuck": stuck,
        }
        return {"tenant": "demo", "subject_id": UUID(int=number), "state": json.dumps(state)}

    await insert(
        database.superuser_url,
        "checkout_operations_subject",
        open_checkout(1, now - HOUR_MS, 0),
        open_checkout(2, now - HOUR_MS, 72 * HOUR_MS),
        open_checkout(3, now, 0, "capture_payment"),
    )
    found = await reader.get("analytics/checkout-operations", **on(day))
    assert (found["in_flight"], found["stuck"]) == (3, 2)
