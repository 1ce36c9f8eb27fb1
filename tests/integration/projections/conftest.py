"""The projections service on a real PostgreSQL and a real Kafka, and a producer of facts."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from devstack.databases import Database
from kernel.postgres.connections import create_pool
from kernel.postgres.service_pool import ServicePool
from kernel.projections.rebuild import runs
from projections.models.registry import REGISTRY
from tests.support.parts import Parts, running_parts
from tests.support.purchases import Happening
from tests.support.single_service import RunningService, created_database, running_service
from tests.support.waiting import until

LIMIT = 30.0
OTHERS = {"own offsets": 1}
"""See the migration 0130."""


@pytest.fixture(scope="package")
async def parts(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Parts]:
    async with running_parts(tmp_path_factory.mktemp("projections")) as parts:
        yield parts


@pytest.fixture(scope="package")
async def database(parts: Parts) -> Database:
    return await created_database("feira_projections", parts.postgres_superuser_url)


@pytest.fixture(scope="package")
async def service(parts: Parts, database: Database) -> AsyncIterator[RunningService]:
    settings = {"FEIRA_KAFKA_BOOTSTRAP": parts.kafka_bootstrap}
    async with running_service("projections", database, settings) as service:
        async with await create_pool(database.service_url, "test") as pool:
            await until(lambda: _is_built(pool))
        yield service


async def _is_built(pool: ServicePool) -> bool:
    """Each read model is: rows that a test writes before are replaced by the swap."""
    return await runs.versions(pool) == {model.name: model.version for model in REGISTRY.models} | OTHERS


@pytest.fixture
async def pool(service: RunningService, database: Database) -> AsyncIterator[ServicePool]:
    async with await create_pool(database.service_url, "test") as pool:
        yield pool


@pytest.fixture
async def caller(service: RunningService) -> AsyncIterator[Callable[[str], httpx.AsyncClient]]:
    clients: list[httpx.AsyncClient] = []
    certificates = ssl.create_default_context()

    def client_for(key: str) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {key}"}
        client = httpx.AsyncClient(base_url=service.url, headers=headers, timeout=20, verify=certificates)
        clients.append(client)
        return client

    yield client_for
    for client in clients:
        await client.aclose()


@pytest.fixture
async def reader(caller: Callable[[str], httpx.AsyncClient]) -> Reader:
    return Reader(caller("demo-analyst"))


@pytest.fixture
async def publish(parts: Parts) -> AsyncIterator[Callable[[Iterable[Happening]], Any]]:
    producer = AIOKafkaProducer(bootstrap_servers=parts.kafka_bootstrap, enable_idempotence=True)
    await producer.start()

    async def send(facts: Iterable[Happening]) -> None:
        sent = [
            await producer.send(event.topic, event.fact.body(), event.key, headers=event.headers)
            for event in facts
        ]
        await asyncio.gather(*sent)

    yield send
    await producer.stop()


class Reader:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def get(self, path: str, **query: str) -> Any:
        response = await self._client.get(f"/v1/{path}", params=query)
        assert response.status_code == 200, response.text
        return response.json()

    async def items(self, path: str, **query: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await self.get(path, **query))["items"]
        return items

    async def metrics(self) -> str:
        return (await self._client.get("/metrics")).text

    async def caught_up(self) -> list[dict[str, Any]]:
        """Wait until all published records are handled; returns the read models."""
        async with asyncio.timeout(LIMIT):
            while True:
                models = await self.items("projections")
                if all(model["lag"]["events"] == 0 for model in models):
                    return models
                await asyncio.sleep(0.05)
