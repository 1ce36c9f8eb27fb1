"""Read models in PostgreSQL: their tables follow from the facts, however these are cut into batches."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.topics import MESSAGES
from kernel.messaging.received import Received
from kernel.service_pool import ServicePool
from kernel.store.event_store import EventStore
from projections.adapters.projector import Projector
from projections.read_models.model import ReadModel
from projections.read_models.registry import READ_MODELS
from tests.support.purchases import Happening, Purchase
from tests.unit.projections.expected_rows import table

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PROGRESS = """
    SELECT topic, part, applied_count, digest FROM read_model_state WHERE name = $1 AND applied_count > 0
"""
TWO_LINES = (("mug", 2, 2000), ("cap", 1, 333))


def every_way(tenant: str) -> list[Purchase]:
    """One purchase for each way it can go."""

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


def shuffled(purchases: Sequence[Purchase], dice: random.Random) -> list[Happening]:
    streams: dict[bytes, list[Happening]] = {}
    for it in (fact for purchase in purchases for fact in purchase.happened):
        streams.setdefault(it.key, []).append(it)
    keys = [key for key, facts in streams.items() for _ in facts]
    dice.shuffle(keys)
    return [streams[key].pop(0) for key in keys]


async def apply(model: ReadModel[Any, Any], facts: Sequence[Received], pool: ServicePool) -> None:
    known = [it for it in facts if it.type in model.types]
    if known:
        store = EventStore(pool, MESSAGES)
        async with pool.acquire() as connection, connection.transaction():
            await Projector(model).handle(known, store.begin_within(connection, NOON), connection)


async def stored(model: ReadModel[Any, Any], tenant: str, pool: ServicePool) -> dict[Any, Any]:
    found = {}
    for row in await pool.fetch(f"SELECT * FROM {model.table} WHERE tenant = $1", tenant):  # noqa: S608  # our own name
        figures = tuple(row[it] for it in model.measures)
        if any(figures):
            found[row["tenant"], *(row[it] for it in model.keys)] = figures
    return found


@pytest.mark.parametrize("model", READ_MODELS, ids=lambda it: it.name)
@pytest.mark.parametrize("seed", range(6))
async def test_the_table_says_the_same_for_every_order_and_every_cut(
    model: ReadModel[Any, Any], seed: int, pool: ServicePool
) -> None:
    dice = random.Random(seed)
    purchases = every_way(f"order {seed}")
    facts = shuffled(purchases, dice)
    rest = [it.received(offset) for offset, it in enumerate(facts)]
    while rest:
        size = dice.randint(1, 12)
        await apply(model, rest[:size], pool)
        rest = rest[size:]
    in_order = [it for purchase in purchases for it in purchase.happened]
    assert await stored(model, f"order {seed}", pool) == table(model, in_order)


@pytest.mark.parametrize("model", READ_MODELS, ids=lambda it: it.name)
async def test_replicas_that_read_different_topics_lose_nothing(
    model: ReadModel[Any, Any], pool: ServicePool
) -> None:
    facts = [it for purchase in every_way("replicas") for it in purchase.happened]
    topics = {it.topic for it in facts}
    batches = [[it.received(n) for n, it in enumerate(facts) if it.topic == topic] for topic in topics]
    await asyncio.gather(*(apply(model, it, pool) for it in batches))
    assert await stored(model, "replicas", pool) == table(model, facts)


async def test_what_was_applied_has_the_same_digest_however_it_was_cut(pool: ServicePool) -> None:
    model = READ_MODELS[0]
    facts = [it.received(n) for n, it in enumerate(shuffled(every_way("digest"), random.Random(1)))]
    one_by_one = [[it] for it in facts]
    pairs = [facts[n : n + 2] for n in range(0, len(facts), 2)]
    progress = []
    for cuts in ([facts], one_by_one, pairs):
        await _forget_progress(pool)
        for batch in cuts:
            await apply(model, batch, pool)
        progress.append(await _progress(model, pool))
    assert progress[0] == progress[1] == progress[2]
    assert sum(count for count, _ in progress[0].values()) == len(
        [it for it in facts if it.type in model.types]
    )


async def _forget_progress(pool: ServicePool) -> None:
    await pool.execute("UPDATE read_model_state SET applied_count = 0, digest = ''")


async def _progress(model: ReadModel[Any, Any], pool: ServicePool) -> dict[Any, tuple[int, bytes]]:
    rows = await pool.fetch(PROGRESS, model.name)
    return {(row["topic"], row["part"]): (row["applied_count"], row["digest"]) for row in rows}
