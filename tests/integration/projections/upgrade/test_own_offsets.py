"""A deployment whose read models shared their offsets goes on when each has its own."""

from __future__ import annotations

import random
import shutil
import ssl
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaProducer

import projections
from contracts.topics import MESSAGES
from kernel.errors import OffsetFenced
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.consumer import Consumer
from kernel.observability.health import Heartbeats
from kernel.postgres.service_pool import ServicePool
from kernel.projections.projector import Projector
from kernel.projections.rebuild import runs
from kernel.store.event_store import EventStore
from kernel.store.writing import Connection
from projections.models.registry import REGISTRY
from tests.integration.projections.conftest import Reader
from tests.integration.projections.rebuild.conftest import Operator
from tests.integration.projections.test_figures_over_http import Publish
from tests.integration.projections.test_projector import every_outcome, shuffled, stored
from tests.support.database import migrated_database, service_pool
from tests.support.parts import Parts
from tests.support.purchases import Purchase
from tests.support.running import running
from tests.support.single_service import running_service
from tests.support.waiting import until
from tests.unit.projections.expected_rows import COUNTERS, tables

MIGRATIONS = Path(str(projections.__file__)).parent / "migrations"
SINCE = "0130-own-offsets.sql"
GROUP = "projections"
TENANT = "upgraded"
READ = "SELECT coalesce(sum(next_offset), 0)::bigint FROM consumer_offset WHERE grp = $1"
NEW = "offer_activity"
EXPECTED = {model.name: model.version for model in COUNTERS}


async def test_no_fact_is_lost_or_applied_twice_and_parked_records_are_kept(
    parts: Parts, publish: Publish, tmp_path: Path
) -> None:
    before = tmp_path / "before"
    shutil.copytree(MIGRATIONS, before, ignore=shutil.ignore_patterns(SINCE, "post-apply.py", "__pycache__"))
    database = await migrated_database("feira_projections", parts.postgres_superuser_url, before)
    facts = shuffled(every_outcome(TENANT), random.Random(3))
    half = len(facts) // 2
    poison = Purchase(99, datetime(2026, 1, 1, tzinfo=UTC), tenant=TENANT).order().happened[0]
    async with (
        service_pool(database) as pool,
        AIOKafkaProducer(bootstrap_servers=parts.kafka_bootstrap) as producer,
    ):
        for name, version in EXPECTED.items():
            await pool.execute("UPDATE read_model SET version = $2 WHERE name = $1", name, version)
        await producer.send_and_wait(poison.topic, b"{}", poison.key, headers=poison.headers)
        await producer.send_and_wait(poison.topic, b"{}", str(uuid4()).encode())
        await publish(facts[:half])
        async with running(_before(pool, parts).run()):
            await until(lambda: _has_read(pool, half + 2))
        shared = await pool.fetchval("SELECT count(*) FROM consumer_seen WHERE grp = $1", GROUP)

    async with (
        running_service("projections", database, {"FEIRA_KAFKA_BOOTSTRAP": parts.kafka_bootstrap}) as service,
        service_pool(database) as pool,
        _client(service.url, "demo-analyst") as analyst,
        _client(service.url, "demo-ops") as ops,
    ):
        assert await pool.fetchval(READ, GROUP) == 0
        await publish(facts)  # the first half once more
        await _until_caught_up(Reader(analyst))
        for model in COUNTERS:
            assert await stored(model, TENANT, pool) == tables(model, facts)
            seen = "SELECT count(*) FROM consumer_seen WHERE grp = $1"
            assert await pool.fetchval(seen, model.scope) >= shared
        operator = Operator(ops)
        parked = {model.name: (await operator.get(model.name))["parked"] for model in COUNTERS}
        assert parked == {"conversion": 1, "products": 2, "checkout_operations": 1}
        assert (await operator.complete("verify", "products"))["differences"] == 0

        # a read model that this release brings is built once the record that nothing can read is discarded
        letters = (await ops.get("/v1/parked")).json()["items"]
        for letter in letters:
            if letter["stream_id"] is None:
                path = f"/v1/parked/{letter['parked_id']}/discard"
                assert (await ops.post(path, json={"reason": "junk"})).status_code == 200
        await operator.complete("rebuild", NEW)

        # what a member and a swap with code from before would do
        with pytest.raises(asyncpg.CheckViolationError):
            await pool.execute("INSERT INTO consumer_offset VALUES ($1, 'cart.events', 0, '', 0, 0)", GROUP)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute("LOCK TABLE consumer_offset IN EXCLUSIVE MODE")
        versions = await runs.versions(pool)
        assert versions != EXPECTED, "code from before compares all rows, and applies nothing"
        assert versions.items() > EXPECTED.items()


def _before(pool: ServicePool, parts: Parts) -> Consumer:
    """The consumer as it was: one transaction a batch for all read models."""

    async def guard(connection: Connection) -> None:
        if await runs.versions(connection) != EXPECTED:
            raise OffsetFenced("other versions")

    handlers = [Projector(model) for model in COUNTERS]
    store = EventStore(pool, MESSAGES)
    return Consumer(
        GROUP,
        REGISTRY.topics,
        handlers,
        store,
        KafkaConnection(parts.kafka_bootstrap),
        Heartbeats(),
        guard=guard,
    )


async def _until_caught_up(reader: Reader) -> None:
    """The read models of the release before."""

    async def is_read() -> bool:
        models = {it["name"]: it for it in await reader.items("projections")}
        return all(models[it.name]["lag"]["events"] == 0 for it in COUNTERS)

    await until(is_read, limit=60)


async def _has_read(pool: ServicePool, records: int) -> bool:
    return bool(await pool.fetchval(READ, GROUP) == records)


def _client(url: str, key: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=20, verify=ssl.create_default_context())
