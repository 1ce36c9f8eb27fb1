"""A page of a list of customers looks up the customers that it shows, and no others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from devstack.databases import Database
from projections.questions.definitions.churn import AT_RISK
from projections.questions.definitions.customers import CUSTOMERS
from projections.questions.question import Question
from projections.questions.statement import Asked, first_rows_and_choices_of
from tests.integration.projections.conftest import Reader
from tests.integration.projections.questions.asking import in_pages, insert

CURRENCY, DAY, RUN = "ISK", date(2017, 5, 2), UUID("00000000-0000-7000-8000-0000000000aa")
CUSTOMERS_THERE, SHOWN = 60, 10


@pytest.fixture(scope="module")
async def customers(database: Database) -> None:
    of_run = {"tenant": "demo", "run_id": RUN, "model": "customer_value", "version": 1, "currency": CURRENCY}
    asked_at = datetime(2017, 6, 1, tzinfo=UTC)
    more = {"asked_by": "test", "asked_at": asked_at, "state": "done", "trained_to": DAY}
    await insert(database.superuser_url, "model_run", {**of_run, **more})
    rows = [_rows_of(number) for number in range(CUSTOMERS_THERE)]
    for table in ("sales", "customer_segment", "customer_value"):
        await insert(database.superuser_url, table, *(it for of_one in rows for it in of_one[table]))


def _rows_of(number: int) -> dict[str, list[dict[str, object]]]:
    """The rows of one customer, by table."""
    keys = {"tenant": "demo", "customer_id": f"many-{number:02}", "currency": CURRENCY}
    sold = {"orders": 1, "gross": 100 + number}
    sold |= dict.fromkeys(("units", "refunded", "discount", "tax", "shipping"), 0)
    days = [DAY, DAY + timedelta(10)]
    scored = {"from_day": DAY, "r": 1, "f": 1, "m": 1, "segment": "new"}
    worth = {"run_id": RUN, "p_alive": 1.0, "probability_90d": number / 100, "expected_orders_90d": 1.0}
    return {
        "sales": [{**keys, "day": it, "known": it, **sold} for it in days],
        "customer_segment": [{**keys, **scored}],
        "customer_value": [{**keys, **worth}],
    }


@pytest.mark.usefixtures("service", "customers")
@pytest.mark.parametrize("question", [CUSTOMERS, AT_RISK], ids=lambda it: it.name)
async def test_segments_are_looked_up_for_the_rows_of_the_page_alone(
    question: Question, database: Database
) -> None:
    values = {"tenant": "demo", "known": date.max, "silent_days": None}
    asked = Asked(question, values, {"currency": CURRENCY})
    text, arguments = first_rows_and_choices_of(asked, SHOWN, list(question.choices or ()))
    connection = await asyncpg.connect(database.superuser_url)
    try:
        found = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}", "demo", *arguments)
    finally:
        await connection.close()
    nodes = _nodes(json.loads(found)[0]["Plan"])
    looks = [it["Actual Loops"] for it in nodes if it.get("Relation Name") == "customer_segment"]
    assert looks == [SHOWN]


@pytest.mark.usefixtures("service", "customers")
async def test_pages_of_both_lists_have_each_customer_once_in_order(reader: Reader) -> None:
    names = [f"many-{number:02}" for number in range(CUSTOMERS_THERE)]
    found = await in_pages(reader, "analytics/customers", 7, currency=CURRENCY)
    assert [it["customer_id"] for it in found] == names[::-1]
    at_risk = await in_pages(reader, "analytics/churn", 7, at_risk="true", currency=CURRENCY)
    assert [it["customer_id"] for it in at_risk] == names
    assert {code["code"] for it in at_risk for code in it["reasons"]} == {"silent"}


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for it in plan.get("Plans", ()):
        yield from _nodes(it)
