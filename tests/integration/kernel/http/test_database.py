"""Connections to the database, and migrations."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest

from kernel.postgres.applied_migrations import KERNEL_MIGRATIONS, migrations_in
from kernel.postgres.connections import create_pool, is_outage
from kernel.postgres.migrate import migrate
from tests.integration.kernel.http.conftest import CUSTOMER_KEYS, DATABASE, Pool
from tests.support.database import execute

KERNEL = list(migrations_in(KERNEL_MIGRATIONS))
MOVE = "UPDATE clock SET shift = '{}'"


@pytest.fixture
async def empty_url(owner_url: str) -> str:
    connection = await asyncpg.connect(owner_url)
    await connection.execute("DROP DATABASE IF EXISTS feira_empty")
    await connection.execute("DROP ROLE IF EXISTS feira_empty, feira_empty_caller")
    await connection.execute("CREATE ROLE feira_empty LOGIN; CREATE ROLE feira_empty_caller")
    await connection.execute("GRANT feira_empty_caller TO feira_empty WITH INHERIT FALSE")
    await connection.execute("CREATE DATABASE feira_empty")
    await connection.close()
    return owner_url.replace(DATABASE, "feira_empty")


async def test_migrations_are_applied_once(empty_url: str) -> None:
    assert migrate(empty_url, CUSTOMER_KEYS)[: len(KERNEL)] == KERNEL
    assert migrate(empty_url, CUSTOMER_KEYS) == []


async def test_two_processes_may_migrate_at_the_same_time(empty_url: str) -> None:
    applied = await asyncio.gather(*(asyncio.to_thread(migrate, empty_url) for _ in range(3)))

    assert sorted(len(it) for it in applied) == [0, 0, len(KERNEL)]


async def test_a_failed_migration_leaves_nothing_behind_and_can_be_corrected(
    empty_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "0500-broken.sql"
    file.write_text("-- depends: 0004-access\nCREATE TABLE half (x int);\nSELECT no_such_thing();\n")
    with pytest.raises(Exception, match="no_such_thing"):
        migrate(empty_url, tmp_path)

    file.write_text("-- depends: 0004-access\nCREATE TABLE half (x int);\n")
    assert migrate(empty_url, tmp_path) == ["0500-broken"]


async def test_json_goes_in_and_out_as_python_values_in_lists_too(pool: Pool) -> None:
    values = [{"a": [1, None, "\N{GRINNING FACE}"]}, {}, None]

    assert await pool.fetchval("SELECT $1::jsonb", values) == values
    rows = await pool.fetch("SELECT * FROM unnest($1::jsonb[], $2::text[])", values, list("abc"))
    assert [it[0] for it in rows] == values


async def test_only_the_test_environment_follows_a_clock_that_was_moved(
    pool: Pool, service_url: str, owner_url: str
) -> None:
    moved = "SELECT feira_now() - now() > interval '71 hours'"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute(MOVE.format("72 hours"))
    await execute(owner_url, MOVE.format("72 hours"))
    try:
        assert await pool.fetchval(moved)
        async with await create_pool(service_url, "production") as in_production:
            assert not await in_production.fetchval(moved)
    finally:
        await execute(owner_url, MOVE.format("0"))


async def test_the_services_role_can_neither_change_the_log_nor_its_shape(pool: Pool) -> None:
    for forbidden in ("DELETE FROM log", "UPDATE log SET tenant = ''", "TRUNCATE log", "DROP TABLE log"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(forbidden)


async def test_waiting_for_an_unreachable_database_has_a_limit() -> None:
    with pytest.raises(OSError) as error:
        await create_pool("postgresql://x@127.0.0.1:1/x", "test", startup_timeout=0.5)
    assert is_outage(error.value)


async def test_an_invalid_statement_is_no_outage(pool: Pool) -> None:
    with pytest.raises(asyncpg.UndefinedTableError) as error:
        await pool.execute("SELECT * FROM nothing")
    assert not is_outage(error.value)
    with pytest.raises(asyncpg.DataError) as data_error:
        await pool.execute("SELECT $1::int", "text")
    assert not is_outage(data_error.value)
