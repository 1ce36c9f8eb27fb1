"""The projector on PostgreSQL: tables depend only on the facts, not on their order or the batches."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.topics import MESSAGES
from kernel.messaging.inbound import InboundMessage
from kernel.postgres.service_pool import ServicePool
from kernel.projections.counters import CounterModel, CounterTable, Measures
from kernel.projections.folding import RowKey
from kernel.projections.projector import Projector
from kernel.store.event_store import EventStore
from tests.support.purchases import Happening, Purchase
from tests.support.shoppers import Story
from tests.unit.projections.expected_rows import COUNTERS, tables

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LOAD_CHECKPOINTS = """
    SELECT topic, part, applied_count, digest FROM read_model_state WHERE name = $1 AND applied_count > 0
"""
TWO_LINES = (("mug", 2, 2000), ("cap", 1, 333))


def every_outcome(tenant: str) -> list[Purchase]:
    """One purchase for each outcome."""

    def purchase(number: int) -> Purchase:
        return Purchase(number, NOON, TWO_LINES, tenant=tenant)

    return [
        purchase(1).bought(),
        purchase(2).begin().lock().later(hours=20).order().capture().fulfill().complete().refund(777),
        purchase(3).begin().lock().order().capture().later(days=1).refund(2333).cancel_order(),
        purchase(4).begin().lock().compensate("lock_cart").fail("authorize_payment", "NO"),
        purchase(5).begin().fail("lock_cart", "EMPTY_CART"),
        purchase(6).begin().lock().order(),
    ]


def shuffled(purchases: Sequence[Purchase | Story], rng: random.Random) -> list[Happening]:
    streams: dict[bytes, list[Happening]] = {}
    for event in (event for purchase in purchases for event in purchase.happened):
        streams.setdefault(event.key, []).append(event)
    keys = [key for key, facts in streams.items() for _ in facts]
    rng.shuffle(keys)
    return [streams[key].pop(0) for key in keys]


async def apply(model: CounterModel[Any, Any], facts: Sequence[InboundMessage], pool: ServicePool) -> None:
    handled = [message for message in facts if message.type in model.types]
    if handled:
        store = EventStore(pool, MESSAGES)
        async with pool.acquire() as connection, connection.transaction():
            await Projector(model).handle(handled, store.begin_within(connection, NOON), connection)


async def stored(
    model: CounterModel[Any, Any], tenant: str, pool: ServicePool
) -> dict[str, dict[RowKey, Measures]]:
    """The rows of each table, as ``tables`` computes them."""
    return {counter.name: await _rows(counter, tenant, pool) for counter in model.counters}


async def _rows(counter: CounterTable[Any], tenant: str, pool: ServicePool) -> dict[RowKey, Measures]:
    rows: dict[RowKey, Measures] = {}
    for row in await pool.fetch(f"SELECT * FROM {counter.name} WHERE tenant = $1", tenant):  # noqa: S608  # the table name is a constant
        measures = tuple(row[column] for column in counter.measures)
        if any(measures):
            rows[row["tenant"], *(row[column] for column in counter.keys)] = measures
    return rows


@pytest.mark.parametrize("model", COUNTERS, ids=lambda it: it.name)
@pytest.mark.parametrize("seed", range(6))
async def test_the_tables_are_the_same_for_every_order_and_every_batch_size(
    model: CounterModel[Any, Any], seed: int, pool: ServicePool
) -> None:
    rng = random.Random(seed)
    purchases = every_outcome(f"order {seed}")
    facts = shuffled(purchases, rng)
    remaining = [event.received(offset) for offset, event in enumerate(facts)]
    while remaining:
        size = rng.randint(1, 12)
        await apply(model, remaining[:size], pool)
        remaining = remaining[size:]
    in_order = [event for purchase in purchases for event in purchase.happened]
    assert await stored(model, f"order {seed}", pool) == tables(model, in_order)


@pytest.mark.parametrize("model", COUNTERS, ids=lambda it: it.name)
async def test_replicas_that_read_different_topics_lose_no_update(
    model: CounterModel[Any, Any], pool: ServicePool
) -> None:
    facts = [it for purchase in every_outcome("replicas") for it in purchase.happened]
    topics = {it.topic for it in facts}
    batches = [[it.received(n) for n, it in enumerate(facts) if it.topic == topic] for topic in topics]
    await asyncio.gather(*(apply(model, it, pool) for it in batches))
    assert await stored(model, "replicas", pool) == tables(model, facts)


async def test_the_digest_does_not_depend_on_the_batch_size(pool: ServicePool) -> None:
    model = COUNTERS[0]
    facts = [it.received(n) for n, it in enumerate(shuffled(every_outcome("digest"), random.Random(1)))]
    one_by_one = [[it] for it in facts]
    pairs = [facts[n : n + 2] for n in range(0, len(facts), 2)]
    checkpoints = []
    for batches in ([facts], one_by_one, pairs):
        await _reset_checkpoints(pool)
        for batch in batches:
            await apply(model, batch, pool)
        checkpoints.append(await _checkpoints(model, pool))
    assert checkpoints[0] == checkpoints[1] == checkpoints[2]
    assert sum(count for count, _ in checkpoints[0].values()) == len(
        [it for it in facts if it.type in model.types]
    )


async def _reset_checkpoints(pool: ServicePool) -> None:
    await pool.execute("UPDATE read_model_state SET applied_count = 0, digest = ''")


async def _checkpoints(model: CounterModel[Any, Any], pool: ServicePool) -> dict[Any, tuple[int, bytes]]:
    rows = await pool.fetch(LOAD_CHECKPOINTS, model.name)
    return {(row["topic"], row["part"]): (row["applied_count"], row["digest"]) for row in rows}
