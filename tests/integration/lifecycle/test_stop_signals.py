"""SIGTERM and SIGINT end a process in time at every moment of its life, also as the first of a container."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import closing

import httpx
import psycopg
import pytest

from contracts.topology import STACK, Service
from devstack import ports
from devstack.databases import Database
from kernel.postgres.advisory_locks import MIGRATION
from tests.support.first_process import can_unshare, first_process
from tests.support.parts import Parts
from tests.support.single_service import created_database
from tests.support.waiting import until

pytestmark = pytest.mark.skipif(
    not can_unshare(), reason="SKIPPED: a process with the number 1 needs root and unshare"
)
NOBODY = "postgresql://feira_cart:x@127.0.0.1:1/feira_cart"
SECRETS = {
    "FEIRA_GATEWAY_URL": "http://127.0.0.1:1",
    "FEIRA_GATEWAY_SECRET": "for-this-test-alone",
    "FEIRA_MASTER_KEY": "bWFzdGVyLWtleS1mb3ItdGhpcy10ZXN0LWFsb25lLi4=",
}
MOMENTS = (0.0, 0.1, 0.3, 0.6, 1.0)
"""Seconds after the handler is there: while modules are loaded, settings are read, connections are made."""
INTERRUPTED = 128 + signal.SIGTERM


@pytest.fixture(scope="module")
async def database(parts: Parts) -> Database:
    return await created_database("feira_cart", parts.postgres_superuser_url)


@pytest.fixture
def silent_server() -> Iterator[str]:
    """The address of a server that accepts connections and never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"postgresql://feira_cart:x@127.0.0.1:{server.getsockname()[1]}/feira_cart"


def settings(database_url: str, port: int | None = None) -> dict[str, str]:
    return SECRETS | {
        "FEIRA_ENV": "test",
        "FEIRA_PORT": str(port or ports.free()),
        "FEIRA_DATABASE_URL": database_url,
        "FEIRA_MIGRATION_URL": database_url,
        "FEIRA_KAFKA_BOOTSTRAP": "127.0.0.1:1",
    }


@pytest.mark.parametrize("service", STACK, ids=lambda it: it.name)
async def test_a_service_ends_while_its_database_does_not_answer(
    service: Service, silent_server: str
) -> None:
    command = (sys.executable, "-m", service.module)
    async with first_process(*command, environment=settings(silent_server)) as process:
        await process.until_handled()
        await asyncio.sleep(2.0)
        code, log = await process.end()
    assert code == 0, log


@pytest.mark.parametrize("seconds", MOMENTS)
async def test_a_service_ends_at_each_moment_of_its_start(seconds: float) -> None:
    async with first_process(sys.executable, "-m", "cart", environment=settings(NOBODY)) as process:
        await process.until_handled()
        await asyncio.sleep(seconds)
        code, log = await process.end()
    assert code == 0, log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_service_ends_while_it_serves(database: Database, number: signal.Signals) -> None:
    await migrated(database)
    port = ports.free()
    command, environment = (sys.executable, "-m", "cart"), settings(database.service_url, port)
    async with first_process(*command, environment=environment) as process, httpx.AsyncClient() as client:
        await until(lambda: answers(client, f"http://127.0.0.1:{port}/livez"))
        code, log = await process.end(number)
    assert code == 0, log


@pytest.mark.parametrize("job", [("cart", "migrate"), ("checkout_saga", "rewrap")], ids=" ".join)
async def test_an_interrupted_job_does_not_count_as_done(job: tuple[str, ...], silent_server: str) -> None:
    command = (sys.executable, "-m", *job)
    async with first_process(*command, environment=settings(silent_server)) as process:
        await process.until_handled()
        await asyncio.sleep(1.0)
        code, log = await process.end()
    assert code == INTERRUPTED, log


async def test_an_interrupted_migration_leaves_no_lock_and_no_transaction(parts: Parts) -> None:
    database = await created_database("feira_interrupted", parts.postgres_superuser_url)
    with (
        psycopg.connect(database.owner_url) as holder,
        psycopg.connect(database.owner_url, autocommit=True) as observer,
    ):
        # the first migration waits for the end of this transaction
        holder.execute("CREATE TABLE log (x int)")
        command = (sys.executable, "-m", "cart", "migrate")
        async with first_process(*command, environment=settings(database.owner_url)) as process:
            await until(lambda: observer.execute(WAITS).fetchone() is not None)
            code, log = await process.end()
        assert code == INTERRUPTED, log
        holder.rollback()
        await until(lambda: observer.execute(OTHERS).fetchone() is None)
        assert observer.execute("SELECT pg_try_advisory_lock(%s)", [MIGRATION]).fetchone() == (True,)
        assert observer.execute("SELECT to_regclass('claims')").fetchone() == (None,)


WAITS = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
OTHERS = """
    SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'
        AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


async def migrated(database: Database) -> None:
    command = (sys.executable, "-m", "cart", "migrate")
    async with first_process(*command, environment=settings(database.owner_url)) as process:
        _, log = await process.outer.communicate()
    assert process.outer.returncode == 0, log


async def answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == 200
    except httpx.TransportError:
        return False
