"""Exposures, conversions and proposals from facts of carts and orders: at most one of each, by batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from contracts import cart, order
from contracts.cart import ProposedUpsell
from contracts.envelope import Fact
from contracts.sale import Exposure, Sale, SaleLine, Totals
from contracts.topics import MESSAGES
from kernel.context import Context
from kernel.messaging.inbound import InboundMessage
from kernel.store.event_store import EventStore
from offer.experiments.count_writer import count_follower, read_counts
from offer.experiments.shoppers import ShoppersOfExperiments
from pricing.experiments import exposure_id
from pricing.significance import Count
from tests.support.database import Pool, migrated_database, service_pool
from tests.support.parts import Parts
from tests.support.scenario import CONTEXT, stamp

MIGRATIONS = Path(__file__).parents[3] / "services/offer/src/offer/migrations"
OFFER, EXPERIMENT, VARIANT, UPSELL = (uuid4() for _ in range(4))


@pytest.fixture(scope="module")
async def pool(parts: Parts) -> AsyncIterator[Pool]:
    database = await migrated_database("feira_offer_shoppers", parts.postgres_superuser_url, MIGRATIONS)
    async with service_pool(database) as pool:
        yield pool


@dataclass(frozen=True)
class Message:
    """As much of an ``InboundMessage`` as the handler reads."""

    content: Fact
    tenant: str = "demo"

    def fact(self) -> Fact:
        return self.content

    def context(self) -> Context:
        return CONTEXT


async def handle(pool: Pool, *facts: Fact) -> EventStore:
    store = EventStore(pool, MESSAGES)
    async with store.transaction() as transaction:
        work = store.begin_within(transaction.connection, transaction.now)
        batch = cast("list[InboundMessage]", [Message(it) for it in facts])
        await ShoppersOfExperiments().handle(batch, work, transaction.connection)
        await store.flush(work, transaction.connection)
    return store


async def recorded(pool: Pool, *streams: UUID) -> Counter[str]:
    rows = await pool.fetch("SELECT type FROM log WHERE stream_id = ANY($1)", list(streams))
    return Counter(row["type"] for row in rows)


def seen(session: str) -> Exposure:
    return Exposure(
        experiment_id=EXPERIMENT, variant_id=VARIANT, exposure_id=exposure_id(EXPERIMENT, session)
    )


def added(session: str) -> cart.ItemAdded:
    return cart.ItemAdded(
        **stamp(uuid4()),
        item_id=uuid4(),
        product_id=uuid4(),
        product_type="course",
        sku="c",
        name="Course",
        quantity=1,
        unit_price=9500,
        offer_id=OFFER,
        experiment=seen(session),
    )


def ordered(order_id: UUID, session: str, total: int = 9500) -> order.Created:
    line: dict[str, Any] = {
        "line_id": "1",
        "product_id": uuid4(),
        "offer_id": OFFER,
        "product_type": "course",
        "sku": "c",
        "name": "Course",
        "quantity": 1,
        "unit_price": total,
        "discount": 0,
        "tax": 0,
        "total": total,
        "experiment": seen(session),
    }
    totals = Totals(subtotal=total, discount=0, shipping=0, tax=0, total=total)
    return order.Created(
        **stamp(order_id),
        number="1",
        checkout_id=uuid4(),
        cart_id=uuid4(),
        customer_id="ann",
        payment_id=uuid4() if total else None,
        sale=Sale(currency="USD", lines=(SaleLine.model_validate(line),), totals=totals),
    )


def paid(order_id: UUID) -> order.Paid:
    return order.Paid(**stamp(order_id), currency="USD", amount=9500)


def cancelled(order_id: UUID) -> order.Cancelled:
    return order.Cancelled(**stamp(order_id), reason="late")


async def test_an_exposure_and_its_first_paid_order_are_recorded_once_and_counted(pool: Pool) -> None:
    first, second = uuid4(), uuid4()
    await handle(pool, added("s-1"), added("s-1"), ordered(first, "s-1"), ordered(second, "s-1"))
    assert await recorded(pool, seen("s-1").exposure_id) == {"offer.variant_selected": 1}
    store = await handle(pool, paid(first), paid(second))
    await handle(pool, paid(first))
    once = {"offer.variant_selected": 1, "offer.variant_converted": 1}
    assert await recorded(pool, seen("s-1").exposure_id) == once
    follower = count_follower(store)
    for _ in range(2):
        await follower.follow_next_page()
    counts = await read_counts(pool, "demo", [EXPERIMENT])
    assert counts[VARIANT].conversions == 1


async def test_a_free_order_converts_at_once_also_before_its_cart_was_read(pool: Pool) -> None:
    await handle(pool, ordered(uuid4(), "s-2", total=0))
    once = {"offer.variant_selected": 1, "offer.variant_converted": 1}
    assert await recorded(pool, seen("s-2").exposure_id) == once


async def test_an_order_that_is_cancelled_before_it_is_paid_converts_nothing(pool: Pool) -> None:
    order_id = uuid4()
    await handle(pool, ordered(order_id, "s-3"), cancelled(order_id))
    await handle(pool, paid(order_id))
    assert await recorded(pool, seen("s-3").exposure_id) == {"offer.variant_selected": 1}
    assert await pool.fetchval("SELECT count(*) FROM unpaid_exposures WHERE order_id = $1", order_id) == 0


async def test_an_upsell_is_proposed_once_for_a_cart(pool: Pool) -> None:
    cart_id = uuid4()
    proposed = ProposedUpsell(offer_id=OFFER, upsell_id=UPSELL)
    offered = cart.UpsellsOffered(**stamp(cart_id), upsells=(proposed,))
    await handle(pool, offered, offered)
    await handle(pool, offered)
    rows = await pool.fetch(
        "SELECT 1 FROM log WHERE type = 'offer.upsell_triggered' "
        "AND convert_from(body, 'UTF8')::jsonb ->> 'cart_id' = $1",
        str(cart_id),
    )
    assert len(rows) == 1


def test_a_variant_without_sessions_has_no_rate() -> None:
    assert Count().rate is None
