"""A read model is built anew from the topics while it is read and written, or proven to equal such a one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from projections.read_models.conversion import CONVERSION
from projections.read_models.products import PRODUCTS
from projections.read_models.registry import READ_MODELS
from tests.integration.projections.conftest import Reader
from tests.integration.projections.rebuild.conftest import Operator
from tests.integration.projections.test_figures_over_http import Publish
from tests.integration.projections.test_projector import every_way, stored
from tests.support.database import Pool
from tests.support.purchases import PRODUCTS as IDS
from tests.support.purchases import Purchase
from tests.support.waiting import until
from tests.unit.projections.expected_rows import facts_of, table

DAY = datetime(2010, 5, 1, tzinfo=UTC)


async def test_a_read_model_that_is_built_again_says_the_same_as_before(
    publish: Publish, reader: Reader, operator: Operator
) -> None:
    await publish(facts_of(*every_way("same")))
    await reader.caught_up()
    names = [it.name for it in READ_MODELS]
    for kind in ("rebuild", "verify"):
        for run in await asyncio.gather(*(operator.have(kind, it) for it in names)):
            assert (run["differences"], run["sample"], run["phase"]) == (0, [], "done")
    assert {(await operator.see(it))["state"] for it in names} == {"live"}


async def test_a_planted_difference_is_found_with_its_row_and_mended_by_a_rebuild(
    publish: Publish,
    reader: Reader,
    operator: Operator,
    pool: Pool,
    caller: Callable[[str], httpx.AsyncClient],
) -> None:
    facts = facts_of(Purchase(1, DAY, tenant="demo").bought(), Purchase(2, DAY, tenant="rival").bought())
    await publish(facts)
    await reader.caught_up()
    before = await stored(PRODUCTS, "demo", pool)
    of_day = "WHERE tenant = $1 AND day = $2"
    await pool.execute(f"UPDATE {PRODUCTS.table} SET revenue = revenue + 1 {of_day}", "demo", DAY.date())  # noqa: S608  # names of ours
    await pool.execute(f"DELETE FROM {PRODUCTS.table} {of_day}", "rival", DAY.date())  # noqa: S608  # names of ours
    await pool.execute(
        f"INSERT INTO {PRODUCTS.subjects} VALUES ('demo', $1, '{{}}')",  # noqa: S608  # names of ours
        uuid4(),
    )
    for kind in ("verify", "rebuild"):
        run = await operator.have(kind, "products")
        assert run["differences"] == 3
        changed, invented = run["sample"]
        row: dict[str, Any] = {
            "tenant": "demo",
            "day": "2010-05-01",
            "currency": "USD",
            "product_id": str(IDS["mug"]),
        }
        row |= {"sku": "mug", "name": "Mug", "times_sold": 1, "quantity": 1}
        assert changed == {
            "table": "products",
            "live": row | {"revenue": 1001},
            "rebuilt": row | {"revenue": 1000},
        }
        assert (invented["table"], invented["rebuilt"]) == ("products_subject", None)
    theirs = await Operator(caller("rival-ops")).see("products")
    assert [it["live"] for it in theirs["run"]["sample"]] == [None], "a tenant sees its own rows alone"
    assert await stored(PRODUCTS, "demo", pool) == before


async def test_readers_see_all_of_the_old_figures_or_all_of_the_new(
    publish: Publish, reader: Reader, operator: Operator, pool: Pool
) -> None:
    await publish(
        facts_of(*(Purchase(n, DAY + timedelta(days=n), tenant="whole").bought() for n in range(40)))
    )
    await reader.caught_up()
    await pool.execute(f"UPDATE {CONVERSION.table} SET revenue = 1 WHERE tenant = 'whole'")  # noqa: S608  # names of ours
    seen: Counter[int] = Counter()

    async def read_on() -> None:
        while True:
            seen[
                await pool.fetchval(f"SELECT sum(revenue) FROM {CONVERSION.table} WHERE tenant = 'whole'")  # noqa: S608  # names of ours
            ] += 1

    reading = asyncio.create_task(read_on())
    await operator.have("rebuild", "conversion")
    await until(lambda: 40_000 in seen)
    reading.cancel()
    assert seen.keys() == {40, 40_000}


async def test_what_happens_during_a_rebuild_is_there_afterwards_and_once(
    publish: Publish, reader: Reader, operator: Operator, pool: Pool
) -> None:
    lived: list[Purchase] = []

    async def trade() -> None:
        while True:
            lived.append(Purchase(len(lived), DAY, (("mug", 1, 700), ("cap", 2, 99)), tenant="busy").bought())
            await publish(lived[-1].happened)
            await reader.caught_up()

    trading = asyncio.create_task(trade())
    await operator.have("rebuild", "conversion")
    assert (await operator.have("verify", "conversion"))["differences"] == 0
    trading.cancel()
    await asyncio.gather(trading, return_exceptions=True)
    await publish(lived[-1].happened)
    await reader.caught_up()
    for it in READ_MODELS:
        assert await stored(it, "busy", pool) == table(it, facts_of(*lived))


async def test_there_is_one_run_at_a_time_and_a_key_begins_one(
    caller: Callable[[str], httpx.AsyncClient], operator: Operator
) -> None:
    admin, key = Operator(caller("rival-admin")), uuid4().hex
    begun = await admin.ask("rebuild", "products", key)
    assert begun.status_code == 202
    again, refused = await admin.ask("rebuild", "products", key), await operator.ask("verify", "products")
    assert (again.headers["Idempotent-Replayed"], again.json()) == ("true", begun.json())
    told: dict[str, Any] = refused.json()
    assert (refused.status_code, told["code"]) == (409, "PROJECTION_BUSY")
    assert told["run_id"] == begun.json()["run_id"]
    await operator.ended("products", told["run_id"])


async def test_only_operators_and_admins_have_runs_and_only_of_what_there_is(
    caller: Callable[[str], httpx.AsyncClient], operator: Operator
) -> None:
    for role in ("storefront", "service", "analyst"):
        for kind in ("rebuild", "verify"):
            assert (await Operator(caller(f"demo-{role}")).ask(kind, "products")).status_code == 403
    for answer in (
        await operator.ask("rebuild", "nothing"),
        await caller("demo-analyst").get("/v1/projections/nothing"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "PROJECTION_NOT_FOUND")
