"""An erased customer is in no list, and asking for them says so; what they bought stays in every sum."""

from __future__ import annotations

from datetime import date
from typing import Any

from contracts import customer
from devstack.databases import Database
from tests.integration.projections.conftest import Reader
from tests.integration.projections.questions.analysts import Connection
from tests.integration.projections.questions.asking import insert
from tests.integration.projections.test_figures_over_http import Caller, Publish
from tests.support.shoppers import Story, named

DAY = date(2019, 5, 2)


def sale(customer_id: str) -> dict[str, object]:
    counts = {"orders": 1, "units": 1, "gross": 1000}
    rest = dict.fromkeys(("refunded", "discount", "tax", "shipping"), 0)
    return {
        "tenant": "demo",
        "customer_id": customer_id,
        "currency": "CHF",
        "day": DAY,
        "known": DAY,
        **counts,
        **rest,
    }


async def test_an_erased_customer_leaves_the_lists_and_no_sum(
    publish: Publish, reader: Reader, caller: Caller, database: Database, analyst: Connection
) -> None:
    await insert(database.superuser_url, "sales", sale("erased-one"), sale("other-one"))

    async def listed() -> set[str]:
        return {it["customer_id"] for it in await reader.items("analytics/customers", currency="CHF")}

    async def sums() -> list[Any]:
        cohorts = await reader.items("analytics/cohorts", currency="CHF", metric="revenue", periods="1")
        return [(it["size"], it["value"]) for it in cohorts]

    before = await sums()
    assert await listed() == {"erased-one", "other-one"}
    story = Story()
    story.tell(customer.Created, named("erased-one"), personal="x", guest=False, customer_id="erased-one")
    story.tell(customer.Erased, named("erased-one"), customer_id="erased-one", ids=("erased-one",))
    await publish(story.happened)
    await reader.caught_up()

    assert await listed() == {"other-one"}
    assert await sums() == before == [(2, {"amount": 2000, "currency": "CHF"})]
    client = caller("demo-analyst")
    gone = await client.get("/v1/analytics/customers/erased-one")
    assert (gone.status_code, gone.json()["code"]) == (404, "CUSTOMER_ERASED")
    unknown = await client.get("/v1/analytics/customers/nobody")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "SUBJECT_NOT_FOUND")
    viewed = await analyst.fetch("SELECT customer_id FROM customers WHERE currency = 'CHF'")
    assert [it["customer_id"] for it in viewed] == ["other-one"]

    story.tell(customer.Changed, named("erased-one"), customer_id="erased-one", personal="y")
    await publish(story.happened[-1:])
    await reader.caught_up()
    assert await listed() == {"erased-one", "other-one"}
