"""Each service's database, as its migrations make it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from devstack.databases import Database
from kernel.postgres import migrate
from tests.support.database import migrated_database
from tests.support.parts import Parts
from tests.support.single_service import created_database

PROJECT = Path(__file__).parents[3]
SERVICES = PROJECT / "services"
MIGRATIONS = {
    "cart": (SERVICES / "cart/src/cart/migrations",),
    "offer": (SERVICES / "offer/src/offer/migrations",),
    "checkout": (SERVICES / "checkout-saga/src/checkout_saga/migrations",),
    "projections": (SERVICES / "projections/src/projections/migrations",),
    "gateway": (PROJECT / "shared/simulators/src/simulators/gateway/migrations",),
}


@pytest.fixture(scope="package", params=MIGRATIONS)
async def schema(request: pytest.FixtureRequest, parts: Parts) -> Database:
    """One service's database, as its migrations make it."""
    name, server = f"every_{request.param}", parts.postgres_superuser_url
    folders: tuple[Path, ...] = MIGRATIONS[request.param]
    if request.param != "gateway":
        return await migrated_database(name, server, *folders)
    database = await created_database(name, server)
    await asyncio.to_thread(migrate.apply, database.owner_url, *folders)
    return database


@pytest.fixture
async def superuser(schema: Database) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(schema.superuser_url)
    yield connection
    await connection.close()
