"""Rebuild and verification of read models that are read and written at the same time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from projections.models.conversion.model import CONVERSION
from projections.models.orders.model import ORDERS
from tests.integration.projections.conftest import Reader
from tests.integration.projections.rebuild.conftest import Operator
from tests.integration.projections.test_figures_over_http import Publish
from tests.integration.projections.test_projector import every_outcome, stored
from tests.support.database import Pool
from tests.support.purchases import PRODUCTS as IDS
from tests.support.purchases import Purchase
from tests.support.waiting import until
from tests.unit.projections.expected_rows import COUNTERS, facts_of, tables

DAY = datetime(2010, 5, 1, tzinfo=UTC)


async def test_a_rebuild_of_correct_tables_finds_no_difference(
    publish: Publish, reader: Reader, operator: Operator
) -> None:
    await publish(facts_of(*every_outcome("same")))
    await reader.caught_up()
    names = [it.name for it in COUNTERS]
    for kind in ("rebuild", "verify"):
        for run in await asyncio.gather(*(operator.complete(kind, it) for it in names)):
            assert (run["differences"], run["sample"], run["phase"]) == (0, [], "done")
    assert {(await operator.get(it))["state"] for it in names} == {"live"}


async def test_a_planted_difference_is_reported_with_its_row_and_repaired_by_a_rebuild(
    publish: Publish,
    reader: Reader,
    operator: Operator,
    pool: Pool,
    caller: Callable[[str], httpx.AsyncClient],
) -> None:
    facts = facts_of(Purchase(1, DAY, tenant="demo").bought(), Purchase(2, DAY, tenant="rival").bought())
    await publish(facts)
    await reader.caught_up()
    before = await stored(ORDERS, "demo", pool)
    of_day = "WHERE tenant = $1 AND day = $2"
    await pool.execute(f"UPDATE {ORDERS.table} SET revenue = revenue + 1 {of_day}", "demo", DAY.date())  # noqa: S608  # table names are constants
    await pool.execute(f"DELETE FROM {ORDERS.table} {of_day}", "rival", DAY.date())  # noqa: S608  # table names are constants
    await pool.execute(
        f"INSERT INTO {ORDERS.subjects} VALUES ('demo', $1, '{{}}')",  # noqa: S608  # table names are constants
        uuid4(),
    )
    for kind in ("verify", "rebuild"):
        run = await operator.complete(kind, "products")
        assert run["differences"] == 3
        changed, added = run["sample"]
        row: dict[str, Any] = {
            "tenant": "demo",
            "day": "2010-05-01",
            "currency": "USD",
            "product_id": str(IDS["mug"]),
        }
        row |= {"sku": "mug", "name": "Mug", "known": "2026-03-01", "times_sold": 1, "quantity": 1}
        assert changed == {
            "table": "product_sales",
            "live": row | {"revenue": 1001},
            "rebuilt": row | {"revenue": 1000},
        }
        assert (added["table"], added["rebuilt"]) == ("products_subject", None)
    rival = await Operator(caller("rival-ops")).get("products")
    assert [it["live"] for it in rival["run"]["sample"]] == [None], "a tenant sees only its own rows"
    assert await stored(ORDERS, "demo", pool) == before


async def test_readers_see_either_all_old_rows_or_all_new_rows(
    publish: Publish, reader: Reader, operator: Operator, pool: Pool
) -> None:
    await publish(
        facts_of(*(Purchase(n, DAY + timedelta(days=n), tenant="whole").bought() for n in range(40)))
    )
    await reader.caught_up()
    await pool.execute(f"UPDATE {CONVERSION.table} SET revenue = 1 WHERE tenant = 'whole'")  # noqa: S608  # table names are constants
    seen: Counter[int] = Counter()

    async def read_repeatedly() -> None:
        while True:
            seen[
                await pool.fetchval(f"SELECT sum(revenue) FROM {CONVERSION.table} WHERE tenant = 'whole'")  # noqa: S608  # table names are constants
            ] += 1

    reading = asyncio.create_task(read_repeatedly())
    await operator.complete("rebuild", "conversion")
    await until(lambda: 40_000 in seen)
    reading.cancel()
    assert seen.keys() == {40, 40_000}


async def test_facts_published_during_a_rebuild_are_applied_once(
    publish: Publish, reader: Reader, operator: Operator, pool: Pool
) -> None:
    purchases: list[Purchase] = []

    async def trade() -> None:
        while True:
            purchases.append(
                Purchase(len(purchases), DAY, (("mug", 1, 700), ("cap", 2, 99)), tenant="busy").bought()
            )
            await publish(purchases[-1].happened)
            await reader.caught_up()

    trading = asyncio.create_task(trade())
    await operator.complete("rebuild", "conversion")
    assert (await operator.complete("verify", "conversion"))["differences"] == 0
    trading.cancel()
    await asyncio.gather(trading, return_exceptions=True)
    await publish(purchases[-1].happened)
    await reader.caught_up()
    for it in COUNTERS:
        assert await stored(it, "busy", pool) == tables(it, facts_of(*purchases))


async def test_a_read_model_has_one_run_at_a_time_and_an_idempotency_key_starts_one(
    caller: Callable[[str], httpx.AsyncClient], operator: Operator
) -> None:
    admin, key = Operator(caller("rival-admin")), uuid4().hex
    started = await admin.request("rebuild", "products", key)
    assert started.status_code == 202
    again, refused = (
        await admin.request("rebuild", "products", key),
        await operator.request("verify", "products"),
    )
    assert (again.headers["Idempotent-Replayed"], again.json()) == ("true", started.json())
    problem: dict[str, Any] = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "PROJECTION_BUSY")
    assert problem["run_id"] == started.json()["run_id"]
    await operator.wait_for_end("products", problem["run_id"])


async def test_only_operators_and_admins_start_runs_and_unknown_models_are_not_found(
    caller: Callable[[str], httpx.AsyncClient], operator: Operator
) -> None:
    for role in ("storefront", "service", "analyst"):
        for kind in ("rebuild", "verify"):
            assert (await Operator(caller(f"demo-{role}")).request(kind, "products")).status_code == 403
    for response in (
        await operator.request("rebuild", "nothing"),
        await caller("demo-analyst").get("/v1/projections/nothing"),
    ):
        assert (response.status_code, response.json()["code"]) == (404, "PROJECTION_NOT_FOUND")
