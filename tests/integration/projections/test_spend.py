"""Marketing spend over HTTP, and the cost of a new customer that follows from it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from devstack.databases import Database
from tests.integration.projections.conftest import Reader
from tests.integration.projections.questions.asking import in_pages, insert
from tests.integration.projections.test_figures_over_http import Caller

YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)


def report(channel: str, amount: int, day: str = f"{YESTERDAY}", currency: str = "SEK") -> dict[str, Any]:
    return {"channel": channel, "day": day, "amount": {"amount": amount, "currency": currency}}


async def record(client: httpx.AsyncClient, body: dict[str, Any], key: str = "") -> httpx.Response:
    headers = {"Idempotency-Key": key or uuid4().hex}
    return await client.post("/v1/analytics/spend", json=body, headers=headers)


async def test_a_later_report_replaces_the_earlier_one_and_gives_the_cost_of_a_new_customer(
    caller: Caller, reader: Reader, database: Database
) -> None:
    of_sale = {
        "tenant": "demo",
        "customer_id": "new",
        "currency": "SEK",
        "day": YESTERDAY,
        "known": YESTERDAY,
    }
    measures = {"orders": 1, "units": 1, "gross": 900, "refunded": 0, "discount": 0, "tax": 0, "shipping": 0}
    await insert(database.superuser_url, "sales", {**of_sale, **measures})
    analyst = caller("demo-analyst")
    first = await record(analyst, report("ads", 5000), key="the first")
    again = await record(analyst, report("ads", 5000), key="the first")
    for body in (report("ads", 3000), report("mail", 700)):
        assert (await record(analyst, body)).status_code == 201
    shown = await in_pages(reader, "analytics/spend", 1, **{"from": f"{YESTERDAY}", "to": f"{YESTERDAY}"})
    executive = await reader.get("analytics/executive")

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert [(it["channel"], it["amount"]["amount"]) for it in shown] == [("ads", 3000), ("mail", 700)]
    costs = [it["value"] for it in executive["figures"] if it["name"] == "cac" and it["currency"] == "SEK"]
    assert costs == [{"amount": 3700, "currency": "SEK"}]


async def test_spend_that_is_negative_or_of_no_day_is_refused_and_other_tenants_see_none(
    caller: Caller,
) -> None:
    analyst = caller("demo-analyst")
    wrong = [
        report("ads", -1),
        report("ads", 1, day="yesterday"),
        report("", 1),
        report("ads", 1, currency=""),
    ]
    statuses = [(await record(analyst, it)).status_code for it in wrong]
    await record(analyst, report("ours", 1))
    theirs = (await caller("rival-analyst").get("/v1/analytics/spend")).json()["items"]

    assert statuses == [422] * 4
    assert theirs == []


async def test_the_answers_about_customers_are_given_to_analysts(reader: Reader, caller: Caller) -> None:
    for path in ("customers", "cohorts", "churn", "forecasts", "recommendations", "reported-figures"):
        assert isinstance(await reader.items(f"analytics/{path}"), list)
    at_risk = await caller("demo-analyst").get("/v1/analytics/churn", params={"at_risk": "true"})
    of_a_day = await caller("demo-analyst").get(
        "/v1/analytics/reported-figures", params={"reported_on": "2026-01-01", "known": "2026-02-01"}
    )
    assert (at_risk.status_code, of_a_day.status_code) == (200, 200)
