"""A visitor of the dashboard, and figures for it to show."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import uuid4

import httpx
import pytest

from devstack.databases import Database
from tests.integration.projections.questions.asking import insert
from tests.support.dashboard import sign_in
from tests.support.single_service import RunningService
from tests.support.waiting import until

FIRST = date(2013, 5, 1)
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
async def visitor(service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=service.url, timeout=30) as client:
        yield client


@pytest.fixture
async def analyst(visitor: httpx.AsyncClient) -> httpx.AsyncClient:
    assert (await sign_in(visitor, "demo-analyst")).headers["location"] == "/"
    return visitor


@pytest.fixture(scope="package")
async def figures(service: RunningService, database: Database) -> None:
    """Twenty days of sales in two currencies, one product with a hostile name, and another tenant's day.

    A read model may be rebuilt when the service has started, which replaces the rows of its tables.
    """
    headers = {"Authorization": "Bearer demo-analyst"}
    async with httpx.AsyncClient(base_url=service.url, headers=headers) as client:

        async def all_are_live() -> bool:
            models = (await client.get("/v1/projections")).json()["items"]
            return all(it["state"] == "live" for it in models)

        await until(all_are_live)
    days = [FIRST + timedelta(it) for it in range(20)]
    rows = [
        {
            "tenant": "demo",
            "day": day,
            "currency": currency,
            "known": day,
            "checkouts": 20 + number,
            "completed": 10 + number % 7,
            "ordered": 100_000 + 7_000 * number,
            "revenue": 90_000 + 9_000 * (number % 5) * number,
        }
        for number, day in enumerate(days)
        for currency in ("EUR", "JPY")
    ]
    rival = {**rows[0], "tenant": "rival", "revenue": 4242424}
    await insert(database.superuser_url, "checkout_conversion", *rows, rival)
    await insert(
        database.superuser_url,
        "product_sales",
        *(
            {
                "tenant": "demo",
                "product_id": uuid4(),
                "day": FIRST,
                "known": FIRST,
                "currency": "EUR",
                "sku": f"SKU-{number}",
                "name": HOSTILE if number == 3 else f"Product {number}",
                "times_sold": 1,
                "quantity": 2,
                "revenue": 1000 * number,
            }
            for number in range(1, 9)
        ),
    )
    many = date(2012, 5, 1)
    await insert(
        database.superuser_url,
        "product_sales",
        *(
            {
                "tenant": "demo",
                "product_id": uuid4(),
                "day": many,
                "known": many,
                "currency": "EUR",
                "sku": f"MANY-{number}",
                "name": f"Of many {number}",
                "times_sold": 1,
                "quantity": 1,
                "revenue": 100_000 - number,
            }
            for number in range(150)
        ),
    )
