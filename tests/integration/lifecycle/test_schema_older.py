"""A process that is newer than its database's schema waits for the migrations; an older one runs on."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from devstack import ports
from devstack.databases import Database
from kernel.postgres.applied_migrations import KERNEL_MIGRATIONS, migrations_in
from kernel.postgres.migrate import apply
from tests.support.database import execute
from tests.support.parts import Parts
from tests.support.single_service import created_database
from tests.support.waiting import until

OFFER = Path(__file__).parents[3] / "services/offer/src/offer/migrations"
OWN = list(migrations_in(OFFER))
LAST = OWN[-1]


@asynccontextmanager
async def serving(
    database: Database, kafka: str, public_port: int | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """The offer service, which nobody has waited for, and a client of its admin listener."""
    port = ports.free()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "offer"),
        env={
            "FEIRA_ENV": "test",
            "FEIRA_PORT": str(public_port or ports.free()),
            "FEIRA_ADMIN_PORT": str(port),
            "FEIRA_INSTANCE": "offer-" + "x" * 80,
            "FEIRA_DATABASE_URL": database.service_url,
            "FEIRA_KAFKA_BOOTSTRAP": kafka,
        },
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            await until(lambda: _status(client, "/livez", 200))
            yield client
        assert process.returncode is None
    finally:
        process.terminate()
        async with asyncio.timeout(15.0):
            assert await process.wait() == 0


async def _status(client: httpx.AsyncClient, path: str, status: int) -> bool:
    try:
        return (await client.get(path)).status_code == status
    except httpx.TransportError:
        return False


async def test_a_process_that_starts_before_its_migrations_waits_alive_and_becomes_ready_by_itself(
    parts: Parts,
) -> None:
    database = await created_database("feira_offer", parts.postgres_superuser_url)
    # as after a restore to a moment before its own migrations
    await asyncio.to_thread(apply, database.owner_url, KERNEL_MIGRATIONS)
    public = ports.free()
    async with serving(database, parts.kafka_bootstrap, public) as client:
        ready = await client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json() == {"status": "waiting", "missing": ["migrations"], "migrations": OWN}
        products = f"http://127.0.0.1:{public}/v1/products"
        early = await client.get(products, headers={"X-Correlation-Id": "early"})
        assert early.status_code == 503 and early.headers["content-type"] == "application/problem+json"
        assert (early.json()["code"], early.json()["correlation_id"]) == ("UNAVAILABLE", "early")
        assert early.headers["x-correlation-id"] == "early"

        await asyncio.to_thread(apply, database.owner_url, KERNEL_MIGRATIONS, OFFER)
        await until(lambda: _status(client, "/readyz", 200))

        await execute(database.owner_url, "DELETE FROM _yoyo_migration WHERE migration_id = $1", LAST)
        assert (await client.get("/readyz")).json()["migrations"] == [LAST]


async def test_a_process_is_ready_while_the_schema_is_newer(parts: Parts) -> None:
    database = await created_database("feira_newer", parts.postgres_superuser_url)
    await asyncio.to_thread(apply, database.owner_url, KERNEL_MIGRATIONS, OFFER)
    newer = "INSERT INTO _yoyo_migration VALUES ('f', '9999-of-the-next-release', now())"
    await execute(database.owner_url, newer)
    async with serving(database, parts.kafka_bootstrap) as client:
        await until(lambda: _status(client, "/readyz", 200))


async def test_an_empty_database_lacks_every_migration(parts: Parts) -> None:
    database = await created_database("feira_empty", parts.postgres_superuser_url)
    async with serving(database, parts.kafka_bootstrap) as client:
        missing = (await client.get("/readyz")).json()["migrations"]
    assert missing == sorted(migrations_in(KERNEL_MIGRATIONS, OFFER))
