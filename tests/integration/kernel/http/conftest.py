"""A real PostgreSQL with one migrated database, and clients with keys of every role."""

from __future__ import annotations

from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias
from uuid import uuid4

import asyncpg
import httpx
import pytest
import structlog
from fastapi import FastAPI

from contracts.roles import ROLES
from devstack import ports
from devstack.postgres import EmbeddedPostgres
from devstack.process import Process
from devstack.state_dir import StateDir
from kernel.postgres.connections import create_pool
from kernel.postgres.migrate import migrate
from kernel.postgres.service_pool import ServicePool
from tests.integration.kernel.http.callers import caller
from tests.integration.kernel.http.shop import shop

DATABASE = "feira_shop"
CUSTOMER_KEYS = Path(__file__).parents[4] / "services/checkout-saga/src/checkout_saga/migrations"

Pool: TypeAlias = ServicePool


@pytest.fixture(scope="session", autouse=True)
def plain_log() -> None:
    """structlog's default renders the value of every variable in a trace, which takes many seconds."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=repr)]
    )


@pytest.fixture(scope="session")
async def owner_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    home = tmp_path_factory.mktemp("postgres")
    StateDir(home).prepare()
    postgres = EmbeddedPostgres(home, ports.free(), password="for-this-test-alone")
    server = Process(postgres.program(), home)
    server.start()
    try:
        await server.until_ready(60)
        connection = await asyncpg.connect(postgres.url)
        await connection.execute(f"CREATE ROLE {DATABASE} LOGIN PASSWORD 'made-up'")
        await connection.execute(
            f"CREATE ROLE {DATABASE}_caller; GRANT {DATABASE}_caller TO {DATABASE} WITH INHERIT FALSE"
        )
        await connection.execute(f"CREATE DATABASE {DATABASE}")
        await connection.close()
        yield postgres.url.rsplit("/", 1)[0] + f"/{DATABASE}"
    finally:
        await server.stop()


@pytest.fixture(scope="session")
async def service_url(owner_url: str) -> str:
    migrate(owner_url, CUSTOMER_KEYS)
    connection = await asyncpg.connect(owner_url)
    for tenant in ("demo", "rival"):
        for role in ROLES:
            hashed = sha256(f"{tenant}-{role}".encode()).hexdigest()
            await connection.execute(
                "INSERT INTO api_keys (key_hash, tenant, role, name) VALUES ($1, $2, $3, $3)",
                hashed,
                tenant,
                role,
            )
    await connection.close()
    return f"postgresql://{DATABASE}:made-up@{owner_url.rsplit('@', 1)[1]}"


@pytest.fixture
async def pool(service_url: str) -> AsyncIterator[Pool]:
    async with await create_pool(service_url, "test", 8) as pool:
        yield pool


@pytest.fixture
async def app(pool: Pool) -> FastAPI:
    return shop(pool)


@pytest.fixture
async def other_app(pool: Pool) -> FastAPI:
    """The same service in another process."""
    return shop(pool)


@pytest.fixture
async def admin(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with caller(app, "demo-admin") as client:
        yield client


@pytest.fixture
def sku() -> str:
    """A SKU that no other test uses."""
    return f"sku-{uuid4()}"
