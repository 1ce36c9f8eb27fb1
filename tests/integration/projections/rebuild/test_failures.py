"""A run that crashes or fails leaves the live read model unchanged, and the next one succeeds."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import psutil
from aiokafka import AIOKafkaProducer

from devstack.databases import Database
from tests.integration.projections.conftest import Reader
from tests.integration.projections.rebuild.conftest import Operator
from tests.integration.projections.test_figures_over_http import Publish
from tests.integration.projections.test_projector import every_outcome, stored
from tests.support.database import Pool
from tests.support.parts import Parts
from tests.support.purchases import Purchase
from tests.support.single_service import RunningService
from tests.support.waiting import until
from tests.unit.projections.expected_rows import COUNTERS, facts_of, tables

DAY = datetime(2011, 5, 1, tzinfo=UTC)
SHADOWS = "SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'"


async def test_a_run_whose_worker_is_killed_is_taken_over(
    publish: Publish, reader: Reader, operator: Operator, pool: Pool, service: RunningService
) -> None:
    purchases = every_outcome("killed")
    await publish(facts_of(*purchases))
    await reader.caught_up()
    model = COUNTERS[0]
    async with pool.acquire() as connection, connection.transaction():
        # blocks the swap, so that the run is still active when its worker is killed
        await connection.execute(f"LOCK TABLE {model.table} IN SHARE UPDATE EXCLUSIVE MODE")
        run_id = await operator.start("rebuild", model.name)

        async def is_swapping() -> bool:
            return bool((await operator.get(model.name))["run"]["phase"] == "swapping")

        await until(is_swapping)
        assert (await operator.get(model.name))["state"] == "rebuilding"
        assert await pool.fetchval(SHADOWS) > 0
        (worker,) = psutil.Process(service.process.pid).children()
        worker.kill()

        async def shadow_is_gone() -> bool:
            return bool(await pool.fetchval(SHADOWS) == 0)

        await until(shadow_is_gone)
        assert await stored(model, "killed", pool) == tables(model, facts_of(*purchases))
    run = await operator.wait_for_end(model.name, run_id)
    assert (run["state"], run["attempts"], run["differences"]) == ("completed", 2, 0)


async def test_a_record_that_cannot_be_applied_fails_the_rebuild_until_it_is_discarded(
    publish: Publish, reader: Reader, operator: Operator, pool: Pool, parts: Parts
) -> None:
    broken, good = Purchase(1, DAY, tenant="poison").begin(), Purchase(2, DAY, tenant="poison").bought()
    fact = broken.happened[0]
    async with AIOKafkaProducer(bootstrap_servers=parts.kafka_bootstrap) as producer:
        await producer.send_and_wait(fact.topic, b"{}", fact.key, headers=fact.headers)
    await publish(good.happened)
    await reader.caught_up()
    model = COUNTERS[0]
    live = await stored(model, "poison", pool)
    assert live == tables(model, good.happened)

    run = await operator.wait_for_end(model.name, await operator.start("rebuild", model.name))
    assert run["state"] == "failed"
    assert f"The record at {fact.topic}/" in run["error"]
    assert "checkout.started" in run["error"]
    assert await stored(model, "poison", pool) == live
    assert (await operator.get(model.name))["state"] == "parked"

    verified = await operator.complete("verify", model.name)
    assert (verified["differences"], verified["set_aside"]) == (0, 1), (
        "the live read model has skipped it, too"
    )

    await pool.execute("UPDATE parked SET resolved_at = now(), resolution = 'discarded'")
    run = await operator.complete("rebuild", model.name)
    assert (run["differences"], run["set_aside"]) == (0, 1)
    assert (await operator.get(model.name))["state"] == "live"


async def test_an_unreadable_record_of_a_topic_that_a_read_model_is_not_built_from_fails_no_run_of_it(
    reader: Reader, operator: Operator, pool: Pool, parts: Parts
) -> None:
    async with AIOKafkaProducer(bootstrap_servers=parts.kafka_bootstrap) as producer:
        await producer.send_and_wait("cart.events", b"{}", str(uuid4()).encode())
    await reader.caught_up()
    for name in ("products", "checkout_operations"):
        for kind in ("verify", "rebuild"):
            assert (await operator.complete(kind, name))["differences"] == 0

    run = await operator.wait_for_end("conversion", await operator.start("rebuild", "conversion"))
    assert "cart.events" in run["error"]
    await pool.execute(
        "UPDATE parked SET resolved_at = now(), resolution = 'discarded' WHERE resolved_at IS NULL"
    )
    await operator.complete("rebuild", "conversion")


async def test_a_rebuild_applies_dead_letters_that_the_code_can_handle_now(
    publish: Publish, reader: Reader, operator: Operator, pool: Pool
) -> None:
    model = COUNTERS[1]
    purchase = Purchase(1, DAY, tenant="fixed").bought()
    created, *later = [it for it in purchase.happened if it.fact.TYPE in model.types]
    await pool.execute(
        "INSERT INTO parked (grp, topic, part, record_offset, record_key, headers, reason, error)"
        " VALUES ($1, $2, 0, 0, $3, '[]', 'failed', 'a defect')",
        model.scope,
        created.topic,
        created.key,
    )
    await publish(purchase.happened)
    await reader.caught_up()
    assert await stored(model, "fixed", pool) == tables(model, ())
    assert (await operator.get(model.name))["parked"] == len(later) + 2
    run = await operator.complete("rebuild", model.name)
    in_tables = [table for table in tables(model, purchase.happened).values() if table]
    assert (run["differences"], run["set_aside"]) == (len(in_tables) + 1, 0), "and the order's state"
    assert await stored(model, "fixed", pool) == tables(model, purchase.happened)
    assert (await operator.get(model.name))["parked"] == 0


async def test_a_rebuild_fails_if_the_topics_hold_fewer_facts_than_were_applied(
    reader: Reader, operator: Operator, pool: Pool
) -> None:
    await reader.caught_up()
    lost = uuid4()
    await pool.execute("INSERT INTO consumer_seen VALUES ('projections.products', $1, 3)", lost)
    run = await operator.wait_for_end("products", await operator.start("rebuild", "products"))
    assert run["state"] == "failed"
    assert "hold fewer facts of 1 streams" in run["error"]
    await pool.execute("DELETE FROM consumer_seen WHERE stream_id = $1", lost)


async def test_older_code_applies_nothing_and_newer_code_rebuilds_first(
    publish: Publish, reader: Reader, operator: Operator, pool: Pool
) -> None:
    model = COUNTERS[2]
    change = "UPDATE read_model SET version = version + $2 WHERE name = $1"
    await publish(Purchase(2, DAY, tenant="old version").bought().happened)
    await reader.caught_up()
    before = (await operator.get(model.name))["run"]
    await pool.execute(change, model.name, 1)
    purchase = Purchase(1, DAY, tenant="new version").bought()
    await publish(purchase.happened)

    async def is_outdated() -> bool:
        view = await operator.get(model.name)
        return bool(view["state"] == "outdated" and view["lag"]["events"])

    await until(is_outdated)
    assert await stored(model, "new version", pool) == tables(model, ())
    await pool.execute(change, model.name, -2)

    async def is_rebuilt() -> bool:
        run = (await operator.get(model.name))["run"]
        return bool(run != before and (run["kind"], run["state"]) == ("rebuild", "completed"))

    await until(is_rebuilt)
    await reader.caught_up()
    assert (await operator.get(model.name))["state"] == "live"
    assert await stored(model, "new version", pool) == tables(model, purchase.happened)


async def test_a_read_model_without_offsets_is_built_from_the_beginning_of_the_topics(
    publish: Publish, reader: Reader, pool: Pool, database: Database
) -> None:
    model = COUNTERS[0]
    first, second = (Purchase(n, DAY, tenant="new model").bought() for n in (1, 2))
    await publish(first.happened)
    await reader.caught_up()
    owner = await asyncpg.connect(database.superuser_url)
    async with owner.transaction():
        for table_name in ("consumer_offset", "consumer_seen"):
            await owner.execute(f"DELETE FROM {table_name} WHERE grp = $1", model.scope)  # noqa: S608  # constants
        for table_name in ("read_model_state", "read_model"):
            await owner.execute(f"DELETE FROM {table_name} WHERE name = $1", model.name)  # noqa: S608  # constants
        await owner.execute(f"TRUNCATE {', '.join(table.name for table in model.tables)}")
    await owner.close()
    await publish(second.happened)

    async def is_built() -> bool:
        return await stored(model, "new model", pool) == tables(model, first.happened + second.happened)

    await until(is_built)


async def test_an_orphaned_run_of_an_older_version_is_failed(operator: Operator, pool: Pool) -> None:
    await pool.execute(
        "INSERT INTO read_model_run (run_id, name, version, kind, asked_by, touched_at)"
        " VALUES ($1, 'products', 0, 'rebuild', 'ops:test', now() - interval '1 minute')",
        uuid4(),
    )

    async def has_failed() -> bool:
        return bool((await operator.get("products"))["run"]["state"] == "failed")

    await until(has_failed)


async def test_a_failure_of_one_of_several_grouped_runs_ends_only_that_run(
    publish: Publish,
    reader: Reader,
    operator: Operator,
    pool: Pool,
    parts: Parts,
    service: RunningService,
) -> None:
    purchase = Purchase(1, DAY, tenant="half").bought()
    broken = Purchase(2, DAY, tenant="half").order().happened[0]
    async with AIOKafkaProducer(bootstrap_servers=parts.kafka_bootstrap) as producer:
        await producer.send_and_wait(broken.topic, b"{}", broken.key, headers=broken.headers)
    await publish(purchase.happened)
    await reader.caught_up()
    names = [it.name for it in COUNTERS]
    begun = await asyncio.gather(*(operator.start("rebuild", it) for it in names))
    run_ids = dict(zip(names, begun, strict=True))
    children = psutil.Process(service.process.pid).children

    async def worker_runs() -> bool:
        return bool(children())

    await until(worker_runs)
    assert len(children()) == 1, "runs requested together share one worker"
    runs = {name: await operator.wait_for_end(name, run_id) for name, run_id in run_ids.items()}
    states = {name: run["state"] for name, run in runs.items()}
    assert states == {"conversion": "completed", "products": "failed", "checkout_operations": "completed"}
    assert "order.created" in runs["products"]["error"]
    discard = "UPDATE parked SET resolved_at = now(), resolution = 'discarded' WHERE resolved_at IS NULL"
    await pool.execute(discard)
    assert (await operator.complete("rebuild", "products"))["set_aside"] == 1
