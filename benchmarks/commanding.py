"""Commands from Kafka handled in batches, beside the same one by one.

The offer service's own consumer reserves two of 200 products for each of many checkouts, and sells them a
little later: it loads what the batch needs, decides, and stores facts, timers, replies and offsets in one
transaction. Each command causes three facts: one for each product, and the reply.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid5

from benchmarks.consuming import ConsumerOf, Outgoing, measure_consumer, publish
from benchmarks.figures import Figure, Goal
from contracts.offer import ConfirmStock, ReserveStock, Wanted
from contracts.topics import MESSAGES
from contracts.topology import read_by
from kernel import ids
from kernel.context import Context
from kernel.messaging.batch import Guard
from kernel.messaging.commands import CommandHandler
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.consumer import MAX_RECORDS, MIN_BATCH_INTERVAL, Consumer
from kernel.messaging.headers import headers_of
from kernel.observability.health import Heartbeats
from kernel.postgres.service_pool import ServicePool
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork
from offer.app import SERVICE, command_routes
from offer.customers.repository import CustomerRepository
from offer.inventory.domain.stock import Stock, stock_id
from tests.support.database import migrated_database, service_pool
from tests.support.parts import running_parts
from tests.support.purchases import NAMES, RECORDED

COUNT = 12_000
ONE_BY_ONE = 1_000
(TOPIC,) = read_by(SERVICE)
PRODUCTS = [uuid5(NAMES, f"product {number}") for number in range(200)]
IN_FLIGHT = 64
"""Checkouts that hold stock at any time."""
HOLD_FOR = timedelta(minutes=15)
GOAL = Goal(">=", 5_000)
SETTING_UP = Context(tenant="demo", correlation_id="bench", causation_id="bench", actor="bench")


async def figures(home: Path) -> AsyncIterator[Figure]:
    async with running_parts(home) as parts:
        bootstrap = parts.kafka_bootstrap
        database = await migrated_database("feira_offer", parts.postgres_superuser_url)
        async with service_pool(database) as pool:
            await EventStore(pool, MESSAGES).run(SETTING_UP, _fill_shelves)
            await publish(bootstrap, _requests(COUNT))
            single = await measure_consumer(
                {SERVICE: ONE_BY_ONE}, pool, _consumer(pool, bootstrap, min_interval=0, max_records=1)
            )
            speed = await measure_consumer({SERVICE: COUNT}, pool, _consumer(pool, bootstrap))
            beside = "one by one"
            yield Figure("commands handled", speed.a_second, "/s", beside, single.a_second, GOAL)
            yield Figure("CPU of the consumer for one of them", speed.cpu_us, "us", beside, single.cpu_us)


async def _fill_shelves(work: UnitOfWork) -> None:
    stocks = await work.open_many(Stock, [stock_id(it) for it in PRODUCTS])
    for product_id in PRODUCTS:
        stocks[stock_id(product_id)].receive(product_id, 1_000_000)


def _requests(many: int) -> Iterator[Outgoing]:
    """Each checkout's stock is sold some commands after it was reserved, as when many buy at once."""
    dice = random.Random(1)  # the same in every run
    under_way: deque[ReserveStock] = deque()
    for _ in range(many // 2):
        wanted = tuple(Wanted(product_id=it, quantity=1) for it in sorted(dice.sample(PRODUCTS, 2)))
        reserve = ReserveStock(checkout_id=ids.new_id(), step="reserve_stock", wanted=wanted)
        under_way.append(reserve)
        yield _outgoing(reserve)
        if len(under_way) > IN_FLIGHT:
            yield _sold(under_way.popleft())
    yield from map(_sold, under_way)


def _sold(it: ReserveStock) -> Outgoing:
    return _outgoing(ConfirmStock(checkout_id=it.process_id, step="confirm_stock", wanted=it.wanted))


def _outgoing(command: ReserveStock | ConfirmStock) -> Outgoing:
    key = command.process_id
    row = {
        "recorded_at": RECORDED,
        "occurred_at": None,
        "type": command.TYPE,
        "message_id": ids.new_id(),
        "key": key,
        "schema_version": command.SCHEMA_VERSION,
        "tenant": "demo",
        "correlation_id": "a correlation",
        "causation_id": "a cause",
        "kind": "command",
        "traceparent": None,
    }
    headers = headers_of(row, b"/feira/checkout-saga", b"1")
    return Outgoing(TOPIC, str(key).encode(), command.body(), headers)


def _consumer(
    pool: ServicePool,
    bootstrap: str,
    min_interval: float = MIN_BATCH_INTERVAL,
    max_records: int = MAX_RECORDS,
) -> ConsumerOf:
    """The command consumer of the offer service."""

    def consumer(guard: Guard) -> Consumer:
        handler = CommandHandler(SERVICE, command_routes(HOLD_FOR, CustomerRepository(pool), HOLD_FOR))
        store, heartbeats = EventStore(pool, MESSAGES), Heartbeats()
        return Consumer(
            SERVICE,
            [TOPIC],
            [handler],
            store,
            KafkaConnection(bootstrap),
            heartbeats,
            min_interval=min_interval,
            guard=guard,
            max_records=max_records,
        )

    return consumer
