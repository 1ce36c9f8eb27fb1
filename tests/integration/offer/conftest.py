"""Fixtures: two replicas of the offer service on a real PostgreSQL and Kafka, and checkouts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import asyncpg
import httpx
import pytest

from devstack.databases import Database
from tests.integration.offer.checkouts import Checkouts, connected
from tests.support.parts import Parts, running_parts
from tests.support.single_service import RunningService, created_database, running_service


@pytest.fixture(scope="package")
async def parts(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Parts]:
    async with running_parts(tmp_path_factory.mktemp("offer") / "home") as running:
        yield running


@pytest.fixture(scope="package")
async def database(parts: Parts) -> Database:
    return await created_database("feira_offer", parts.postgres_superuser_url)


@pytest.fixture(scope="package")
async def replicas(parts: Parts, database: Database) -> AsyncIterator[list[RunningService]]:
    settings = {"FEIRA_KAFKA_BOOTSTRAP": parts.kafka_bootstrap}
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(running_service("offer", database, settings)) for _ in range(2)
        ]


@pytest.fixture(scope="package")
async def checkouts(parts: Parts, replicas: list[RunningService]) -> AsyncIterator[Checkouts]:
    async with connected(parts.kafka_bootstrap) as connection:
        yield connection


@pytest.fixture
async def admin(replicas: list[RunningService]) -> AsyncIterator[httpx.AsyncClient]:
    async with caller(replicas[0], "demo-admin") as client:
        yield client


def caller(service: RunningService, key: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=service.url, headers={"Authorization": f"Bearer {key}"}, timeout=20)


class Clock:
    """The test environment's clock, a row in the database."""

    def __init__(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        self._connection = connection

    async def forward(self, by: timedelta) -> None:
        await self._connection.execute("UPDATE clock SET shift = shift + $1", by)


@pytest.fixture
async def clock(database: Database, replicas: list[RunningService]) -> AsyncIterator[Clock]:
    connection = await asyncpg.connect(database.owner_url)
    yield Clock(connection)
    await connection.execute("UPDATE clock SET shift = '0'")
    await connection.close()
