"""A single service: its database and its process, as in the stack."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import httpx

from devstack import databases, ports
from devstack.databases import Database
from devstack.postgres import EmbeddedPostgres
from devstack.process import Process
from devstack.state_dir import StateDir
from tests.support.readiness import until_ready

READY_WITHIN = 120.0
STOPPED_WITHIN = 15.0
NO_BROKER = "127.0.0.1:1"
MIGRATED: set[tuple[str, str]] = set()
"""Modules and the databases that they have migrated in this run of the tests."""
RUNNING: list[tuple[str, str, str]] = []
"""Of each process, its module, broker and database."""


@asynccontextmanager
async def running_postgres(home: Path) -> AsyncIterator[str]:
    """A PostgreSQL server in an empty folder; yields its superuser's URL."""
    StateDir(home).prepare()
    postgres = EmbeddedPostgres(home, ports.free(), password="for-this-test-alone")
    server = Process(postgres.program(), home)
    server.start()
    try:
        await server.until_ready(READY_WITHIN)
        yield postgres.url
    finally:
        await server.stop()


async def created_database(name: str, superuser_url: str) -> Database:
    """Create an empty database with its owner and its service's role."""
    database = databases.describe(name, superuser_url, lambda role: f"password-of-{role}")
    await databases.create([database], superuser_url)
    return database


@dataclass(frozen=True)
class RunningService:
    url: str
    process: asyncio.subprocess.Process


@asynccontextmanager
async def running_service(
    module: str,
    database: Database,
    settings: Mapping[str, str],
    log: Path | None = None,
    once: str = "/readyz",
    program: str = "",
) -> AsyncIterator[RunningService]:
    """Migrate, once for a database, insert the demonstration keys, and serve on a free port until the end of
    the block.

    ``log``: file for the service's log; ``once``: path that answers 200 when the block may begin;
    ``program``: the module that is run, if it is not the one that migrates.
    Raises ``AssertionError`` if the module runs on another database with the same broker.
    """
    port = ports.free()
    environment = {
        **os.environ,
        "FEIRA_ENV": "test",
        "FEIRA_PORT": str(port),
        "FEIRA_DATABASE_URL": database.service_url,
        "FEIRA_MIGRATION_URL": database.owner_url,
        "FEIRA_KAFKA_BOOTSTRAP": NO_BROKER,
        "FEIRA_LOG_LEVEL": "warning",
        **settings,
    }
    if (module, database.owner_url) not in MIGRATED:
        migration = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, "migrate", env=environment, stdout=asyncio.subprocess.DEVNULL
        )
        if await migration.wait() != 0:
            raise AssertionError(f"{module} does not migrate")
        MIGRATED.add((module, database.owner_url))
    await databases.insert_demo_keys(database)
    running = (module, environment["FEIRA_KAFKA_BOOTSTRAP"], database.owner_url)
    _check_topics_are_its_own(*running)
    with log.open("ab") if log else nullcontext() as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", program or module, env=environment, stderr=stderr
        )
    RUNNING.append(running)
    service = RunningService(f"http://127.0.0.1:{port}", process)
    try:
        async with httpx.AsyncClient(base_url=service.url) as client:
            await until_ready(client, process, once, READY_WITHIN)
        yield service
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOPPED_WITHIN)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise
        finally:
            RUNNING.remove(running)


def _check_topics_are_its_own(module: str, broker: str, database: str) -> None:
    """A log whose topics hold what another log has published meanwhile counts as restored: the service would
    never be ready."""
    if broker != NO_BROKER and any(it[:2] == (module, broker) and it[2] != database for it in RUNNING):
        raise AssertionError(f"{module} already runs with this broker on another database")
