"""Each read model has a lane of its own: one that halts, lags or is swapped does not concern the others."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from devstack.databases import Database
from kernel.postgres.service_pool import ServicePool
from kernel.projections.model import ReadModel
from kernel.projections.rebuild.shadow import Shadow
from kernel.projections.rebuild.swap import lock_writers
from kernel.store.writing import Connection
from tests.integration.projections.conftest import Reader
from tests.integration.projections.test_figures_over_http import Publish
from tests.integration.projections.test_projector import stored
from tests.support.parts import Parts
from tests.support.purchases import Happening, Purchase
from tests.support.single_service import running_service
from tests.support.waiting import until
from tests.unit.projections.expected_rows import COUNTERS, tables

DAY = datetime(2026, 2, 1, 12, tzinfo=UTC)
HALTED, *OTHERS = sorted(COUNTERS, key=lambda model: model.name != "products")
MORE_THAN_PATIENCE = 12


@pytest.mark.parametrize("halt", ["a swap", "a slow statement", "another version"])
async def test_a_read_model_that_halts_halts_no_other_and_loses_nothing(
    halt: str, publish: Publish, reader: Reader, pool: ServicePool
) -> None:
    await until(lambda: _all_handle_records(reader))
    purchases = [Purchase(n, DAY, tenant=halt).bought() for n in range(MORE_THAN_PATIENCE)]
    facts = [it for purchase in purchases for it in purchase.happened]
    first, second = facts[: len(facts) // 2], facts[len(facts) // 2 :]
    async with pool.acquire() as connection, _halted(halt, connection):
        for part in (first, second):
            await publish(part)
        await until(lambda: _others_have(facts, halt, pool))
        assert await stored(HALTED, halt, pool) == tables(HALTED, ())
    await reader.caught_up()
    assert await stored(HALTED, halt, pool) == tables(HALTED, facts)
    await until(lambda: _reports_no_lag(HALTED, reader))


@pytest.mark.parametrize("instance", ["feira", "another"], ids=["as its successor", "beside it"])
async def test_each_fact_is_applied_once_while_another_member_joins_and_leaves(
    instance: str, publish: Publish, reader: Reader, pool: ServicePool, database: Database, parts: Parts
) -> None:
    """A successor takes the member for dead and removes it from the group: both handle records then."""
    facts: list[Happening] = []
    has_left = asyncio.Event()

    async def flow() -> None:
        while not has_left.is_set():
            purchase = Purchase(len(facts), DAY, tenant=instance).bought().happened
            await publish(purchase)
            facts.extend(purchase)
            await reader.items("projections")

    flowing = asyncio.create_task(flow())
    settings = {"FEIRA_KAFKA_BOOTSTRAP": parts.kafka_bootstrap, "FEIRA_INSTANCE": instance}
    async with running_service("projections", database, settings):  # it is ready once it has partitions
        known = len(facts)
        await until(lambda: len(facts) > 2 * known)
    has_left.set()
    await flowing
    await reader.caught_up()
    for model in COUNTERS:
        assert await stored(model, instance, pool) == tables(model, facts)


async def _all_handle_records(reader: Reader) -> bool:
    """One that is parked has a record of another test aside and handles all others."""
    return {it["state"] for it in await reader.items("projections")} <= {"live", "parked"}


async def _reports_no_lag(model: ReadModel, reader: Reader) -> bool:
    lags = re.findall(
        rf'feira_consumer_lag_messages{{group="{model.scope}",.*}} (.+)', await reader.metrics()
    )
    return bool(lags) and not any(map(float, lags))


async def _others_have(facts: Sequence[Happening], tenant: str, pool: ServicePool) -> bool:
    return all([await stored(model, tenant, pool) == tables(model, facts) for model in OTHERS])


@asynccontextmanager
async def _halted(halt: str, connection: Connection) -> AsyncIterator[None]:
    match halt:
        case "a swap":
            async with connection.transaction():
                await lock_writers(Shadow(HALTED, connection), connection)
                yield
        case "a slow statement":
            async with connection.transaction():
                await connection.execute(f"LOCK TABLE {HALTED.table} IN SHARE MODE")
                yield
        case _:
            change = "UPDATE read_model SET version = version + $2 WHERE name = $1"
            await connection.execute(change, HALTED.name, 1)
            yield
            await connection.execute(change, HALTED.name, -1)
