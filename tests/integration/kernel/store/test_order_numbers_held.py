"""Orders hold their numbers: those from before get theirs by the migration, and of many that want one number
at the same moment each gets another."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.use_cases import lifecycle
from checkout_saga.orders.use_cases.index_keys import ORDER_NUMBER
from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.context import Context
from kernel.postgres.migrate import migrate
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork
from tests.integration.kernel.shelf import DEMO, RIVAL
from tests.support.database import Pool, service_pool
from tests.unit.checkout_saga.examples import FREE

MIGRATION = "0201-order-numbers-held"
CHECKOUT_SAGA = Path(__file__).parents[4] / "services/checkout-saga/src/checkout_saga/migrations"
ENTER = """
    INSERT INTO log (stream_id, version, message_id, kind, tenant, topic, key, type, schema_version, body,
                     correlation_id, causation_id, actor, recorded_at)
    VALUES ($1, $2, $3, 'fact', $4, 'checkout.events', $1, $5, 1, $6, 'c', 'c', 'tester', now())
"""
HELD = "SELECT tenant, value, holder FROM claims WHERE kind = $1"
WRITERS = 64
ONE, TWO, SAME, OTHERS = (UUID(int=it) for it in range(1, 5))


async def test_orders_from_before_hold_their_numbers(database: Database, tmp_path: Path) -> None:
    connection = await asyncpg.connect(database.superuser_url)
    created = ((ONE, "demo", "F-1"), (TWO, "demo", "F-2"), (SAME, "demo", "F-1"), (OTHERS, "rival", "F-1"))
    for order_id, tenant, number in created:
        body = json.dumps({"number": number}).encode()
        await connection.execute(ENTER, order_id, 1, uuid4(), tenant, "order.created", body)
        await connection.execute(ENTER, order_id, 2, uuid4(), tenant, "order.paid", body)

    shutil.copy(CHECKOUT_SAGA / f"{MIGRATION}.sql", tmp_path)  # the others need roles of a whole service
    assert MIGRATION in await asyncio.to_thread(migrate, database.owner_url, tmp_path)

    rows = await connection.fetch(HELD, ORDER_NUMBER)
    guarded = await connection.fetchval("SELECT relforcerowsecurity FROM pg_class WHERE relname = 'claims'")
    await connection.close()
    assert {tuple(row) for row in rows} == {
        ("demo", "F-1", ONE),
        ("demo", "F-2", TWO),
        ("rival", "F-1", OTHERS),
    }
    assert guarded


def few_numbers(order_id: UUID) -> Iterator[str]:
    """As if ids gave only eight numbers: each writer meets others who want the number that it wants."""
    return (f"F-{order_id.int % 8}-{again}" for again in range(WRITERS))


async def create(store: EventStore, context: Context, checkout_id: UUID) -> Order:
    async def act(work: UnitOfWork) -> Order:
        return await lifecycle.create_order(checkout_id, uuid4(), "ana", "simulated", FREE, work)

    return await store.run(context, act)


async def test_of_64_writers_in_two_processes_each_gets_a_number_of_its_own(
    store: EventStore, database: Database, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "numbers_of", few_numbers)
    async with service_pool(database) as other:
        stores = store, EventStore(other, MESSAGES)
        checkouts = [uuid4() for _ in range(WRITERS)]
        orders = await asyncio.gather(
            *(create(stores[number % 2], DEMO, it) for number, it in enumerate(checkouts))
        )
        again = await asyncio.gather(*(create(stores[1], DEMO, it) for it in checkouts[:8]))
        foreign = await create(store, RIVAL, uuid4())

    assert Counter(it.number for it in orders).most_common(1)[0][1] == 1
    rows = await pool.fetch(HELD, ORDER_NUMBER)
    held = {(row["value"], row["holder"]) for row in rows if row["tenant"] == "demo"}
    assert held == {(it.number, it.id) for it in orders}
    assert [it.number for it in again] == [it.number for it in orders[:8]]
    assert foreign.number.endswith("-0")
