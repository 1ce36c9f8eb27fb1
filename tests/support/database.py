"""A migrated database for one test, on a shared server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg

from devstack import databases
from devstack.databases import Database
from kernel.postgres.connections import create_pool
from kernel.postgres.migrate import migrate
from kernel.postgres.service_pool import ServicePool

Pool: TypeAlias = ServicePool


async def migrated_database(name: str, server: str, *migrations: Path) -> Database:
    """Create a database with the kernel's tables and ``migrations``, its owner and its service's role."""
    database = databases.describe(name, server, lambda role: f"password-of-{role}")
    await databases.create([database], server)
    await asyncio.to_thread(migrate, database.owner_url, *migrations)
    return database


@asynccontextmanager
async def copied(template: Database) -> AsyncIterator[Database]:
    """A copy under another name, deleted at the end of the block. Its URLs are of the template's roles; a
    migration demands roles of the copy's own name, too."""
    name = f"copy_{uuid4().hex}"
    server = _elsewhere(template.superuser_url, "postgres")
    owner = urlsplit(template.owner_url).username
    await execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{template.name}" OWNER "{owner}"')
    await execute(server, f"CREATE ROLE {name}; CREATE ROLE {name}_caller")
    await execute(server, f"GRANT {name}_caller TO {name} WITH INHERIT FALSE")
    try:
        urls = template.service_url, template.owner_url, template.superuser_url
        yield Database(name, *(_elsewhere(it, name) for it in urls))
    finally:
        await execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')
        await execute(server, f"DROP ROLE {name}, {name}_caller")


def _elsewhere(url: str, database: str) -> str:
    return f"{url.rpartition('/')[0]}/{database}"


@asynccontextmanager
async def service_pool(database: Database, env: str = "test", size: int = 8) -> AsyncIterator[Pool]:
    """A pool with the service's own role, as each of its processes has one."""
    pool = await create_pool(database.service_url, env, size)
    try:
        yield pool
    finally:
        pool.terminate()


async def move_clock(database: Database, by: timedelta) -> None:
    """Advance the clock of one database, at once; `feira clock` advances that of a whole stack."""
    await execute(database.owner_url, "UPDATE clock SET shift = shift + $1", by)


async def execute(url: str, statement: str, *arguments: Any) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement, *arguments)
    finally:
        await connection.close()
