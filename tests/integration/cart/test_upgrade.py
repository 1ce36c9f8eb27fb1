"""The copy after an upgrade from a release that had read the topic and kept less of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import TopicPartition

from cart.catalogue.projection import GROUP
from contracts import promotion, stock
from contracts.topology import PARTITIONS, read_by
from kernel.messaging.broker import cluster_id, end_offsets
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.offsets import STORE
from tests.integration.cart.kafka_client import KafkaClient, connected
from tests.support.database import Pool, service_pool
from tests.support.parts import Parts, running_parts
from tests.support.single_service import created_database, running_service

USES = "SELECT uses FROM catalogue_promotion_uses WHERE promotion_id = $1 AND customer_id = 'ann'"
STOCK = "SELECT on_hand, reserved FROM catalogue_stock WHERE product_id = $1"


@pytest.fixture(scope="module")
async def parts(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Parts]:
    """A broker of their own: the service under test must be the only member of its groups."""
    home: Path = tmp_path_factory.mktemp("upgrade") / "home"
    async with running_parts(home) as running:
        yield running


async def read_everything(pool: Pool, bootstrap: str) -> None:
    """Leave the group of the catalogue where a process that has read the whole topic leaves it."""
    kafka = KafkaConnection(bootstrap)
    cluster = await cluster_id(kafka)
    partitions = [TopicPartition(it, part) for it in read_by(GROUP) for part in range(PARTITIONS)]
    for partition, end in (await end_offsets(kafka, partitions)).items():
        await pool.execute(STORE, GROUP, partition.topic, partition.partition, cluster, 1, end)


async def until(pool: Pool, query: str, key: Any, expected: tuple[int, ...]) -> None:
    async with asyncio.timeout(60):
        while tuple(await pool.fetchrow(query, key) or ()) != expected:  # noqa: ASYNC110  # another process
            await asyncio.sleep(0.05)


async def test_uses_and_stock_of_before_the_upgrade_are_counted_once(parts: Parts) -> None:
    ten, shelf, mug = uuid4(), uuid4(), uuid4()
    use: dict[str, Any] = {"checkout_id": uuid4(), "customer_id": "ann"}
    database = await created_database("feira_cart_upgraded", parts.postgres_superuser_url)
    settings = {"FEIRA_KAFKA_BOOTSTRAP": parts.kafka_bootstrap}
    async with connected(parts.kafka_bootstrap) as kafka:
        await sell(kafka, ten, shelf, mug, use)
        async with running_service("cart", database, {}, once="/livez"):
            pass  # migrated; without a broker
        async with service_pool(database) as pool:
            await read_everything(pool, parts.kafka_bootstrap)
            async with running_service("cart", database, settings):
                await until(pool, USES, ten, (2,))
                await until(pool, STOCK, mug, (10, 4))
                await kafka.publish(promotion.Released, ten, **use)
                await kafka.publish(stock.Received, shelf, product_id=mug, quantity=5)
                await until(pool, USES, ten, (1,))
                await until(pool, STOCK, mug, (15, 4))


async def sell(kafka: KafkaClient, ten: Any, shelf: Any, mug: Any, use: dict[str, Any]) -> None:
    terms = promotion.Terms(code="TEN", kind="percentage", value="10")
    await kafka.publish(promotion.Created, ten, terms=terms)
    await kafka.publish(promotion.Reserved, ten, **use)
    await kafka.publish(promotion.Reserved, ten, **(use | {"checkout_id": uuid4()}))
    await kafka.publish(stock.Adjusted, shelf, product_id=mug, on_hand=10, allow_backorders=False)
    await kafka.publish(stock.Reserved, shelf, product_id=mug, checkout_id=uuid4(), quantity=4)
