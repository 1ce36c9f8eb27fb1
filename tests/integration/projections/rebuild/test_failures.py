"""A run that dies or fails leaves the live read model alone, and the next one works."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import psutil
from aiokafka import AIOKafkaProducer

from cli.stack.databases import Database
from projections.read_models.registry import READ_MODELS
from tests.integration.projections.conftest import Reader
from tests.integration.projections.rebuild.conftest import Operator, another_service
from tests.integration.projections.test_figures_over_http import Publish
from tests.integration.projections.test_projector import every_way, stored
from tests.support.database import Pool
from tests.support.parts import Parts
from tests.support.purchases import Purchase
from tests.support.served import RunningService
from tests.support.waiting import until
from tests.unit.projections.expected_rows import facts_of, table

DAY = datetime(2011, 5, 1, tzinfo=UTC)
SHADOWS = "SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'"


async def test_a_run_whose_process_is_killed_is_taken_up_again(
    publish: Publish, reader: Reader, operator: Operator, pool: Pool, service: RunningService
) -> None:
    purchases = every_way("killed")
    await publish(facts_of(*purchases))
    await reader.caught_up()
    model = READ_MODELS[0]
    async with pool.acquire() as connection, connection.transaction():
        # so that it cannot swap, and cannot be done before it is killed
        await connection.execute(f"LOCK TABLE {model.table} IN SHARE UPDATE EXCLUSIVE MODE")
        run_id = await operator.begin("rebuild", model.name)

        async def is_swapping() -> bool:
            return bool((await operator.see(model.name))["run"]["phase"] == "swapping")

        await until(is_swapping)
        assert (await operator.see(model.name))["state"] == "rebuilding"
        assert await pool.fetchval(SHADOWS) > 0
        (worker,) = psutil.Process(service.process.pid).children()
        worker.kill()

        async def nothing_is_left() -> bool:
            return bool(await pool.fetchval(SHADOWS) == 0)

        await until(nothing_is_left)
        assert await stored(model, "killed", pool) == table(model, facts_of(*purchases))
    run = await operator.ended(model.name, run_id)
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
    model = READ_MODELS[0]
    live = await stored(model, "poison", pool)
    assert live == table(model, good.happened)

    run = await operator.ended(model.name, await operator.begin("rebuild", model.name))
    assert run["state"] == "failed"
    assert f"The record at {fact.topic}/" in run["error"]
    assert "checkout.started" in run["error"]
    assert await stored(model, "poison", pool) == live
    assert (await operator.see(model.name))["state"] == "parked"

    proven = await operator.have("verify", model.name)
    assert (proven["differences"], proven["set_aside"]) == (0, 1), "the live one has left it out, too"

    await pool.execute("UPDATE parked SET resolved_at = now(), resolution = 'discarded'")
    run = await operator.have("rebuild", model.name)
    assert (run["differences"], run["set_aside"]) == (0, 1)
    assert (await operator.see(model.name))["state"] == "live"


async def test_a_rebuild_takes_in_what_was_parked_and_can_be_applied_by_now(
    publish: Publish, reader: Reader, operator: Operator, pool: Pool
) -> None:
    model = READ_MODELS[1]
    purchase = Purchase(1, DAY, tenant="mended").bought()
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
    assert await stored(model, "mended", pool) == {}
    assert (await operator.see(model.name))["parked"] == len(later) + 2
    run = await operator.have("rebuild", model.name)
    assert (run["differences"], run["set_aside"]) == (2, 0)
    assert await stored(model, "mended", pool) == table(model, purchase.happened)
    assert (await operator.see(model.name))["parked"] == 0


async def test_topics_that_hold_less_than_was_applied_do_not_replace_it(
    reader: Reader, operator: Operator, pool: Pool
) -> None:
    await reader.caught_up()
    lost = uuid4()
    await pool.execute("INSERT INTO consumer_seen VALUES ('projections', $1, 3)", lost)
    run = await operator.ended("products", await operator.begin("rebuild", "products"))
    assert run["state"] == "failed"
    assert "hold fewer facts of 1 streams" in run["error"]
    await pool.execute("DELETE FROM consumer_seen WHERE stream_id = $1", lost)


async def test_new_code_rebuilds_before_it_takes_part_and_old_code_applies_nothing_to_its_tables(
    publish: Publish,
    reader: Reader,
    operator: Operator,
    pool: Pool,
    parts: Parts,
    database: Database,
) -> None:
    model = READ_MODELS[2]
    await pool.execute("UPDATE read_model SET version = version - 1 WHERE name = $1", model.name)
    purchase = Purchase(1, DAY, tenant="new version").bought()
    await publish(purchase.happened)

    async def stands_aside() -> bool:
        found = await operator.see(model.name)
        return bool(found["state"] == "outdated" and found["lag"]["events"])

    await until(stands_aside)
    assert await stored(model, "new version", pool) == {}
    async with another_service(parts, database):
        run = (await operator.see(model.name))["run"]
        assert (run["kind"], run["state"], run["version"]) == ("rebuild", "completed", model.version)
        await reader.caught_up()
    assert (await operator.see(model.name))["state"] == "live"
    assert await stored(model, "new version", pool) == table(model, purchase.happened)


async def test_a_run_that_only_older_code_could_carry_out_does_not_stand_in_the_way(
    operator: Operator, pool: Pool
) -> None:
    await pool.execute(
        "INSERT INTO read_model_run (run_id, name, version, kind, asked_by, touched_at)"
        " VALUES ($1, 'products', 0, 'rebuild', 'ops:somebody', now() - interval '1 minute')",
        uuid4(),
    )

    async def is_over() -> bool:
        return bool((await operator.see("products"))["run"]["state"] == "failed")

    await until(is_over)


async def test_what_is_wrong_for_one_of_several_runs_that_read_together_ends_that_one_alone(
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
    names = [it.name for it in READ_MODELS]
    begun = await asyncio.gather(*(operator.begin("rebuild", it) for it in names))
    run_ids = dict(zip(names, begun, strict=True))
    children = psutil.Process(service.process.pid).children

    async def has_begun() -> bool:
        return bool(children())

    await until(has_begun)
    assert len(children()) == 1, "they were asked for together, and are carried out by one process"
    runs = {name: await operator.ended(name, run_id) for name, run_id in run_ids.items()}
    states = {name: run["state"] for name, run in runs.items()}
    assert states == {"conversion": "completed", "products": "failed", "checkout_operations": "completed"}
    assert "order.created" in runs["products"]["error"]
    discard = "UPDATE parked SET resolved_at = now(), resolution = 'discarded' WHERE resolved_at IS NULL"
    await pool.execute(discard)
    assert (await operator.have("rebuild", "products"))["set_aside"] == 1
