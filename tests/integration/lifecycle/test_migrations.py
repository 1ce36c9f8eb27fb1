"""The migration job: whole migrations, short waits for tables, several at once, and fit roles only."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from devstack.databases import Database
from kernel.postgres.applied_migrations import KERNEL_MIGRATIONS, migrations_in
from kernel.postgres.migrate import UnfitRolesError, UnfitServerError, apply, check_server, pending_in
from tests.support.database import execute
from tests.support.parts import Parts
from tests.support.single_service import created_database

FIRST = "CREATE TABLE first (x int);"
SLOW = "CREATE TABLE second (x int);\nALTER TABLE first ADD COLUMN y int;"
BROKEN = "CREATE TABLE third (x int);\nSELECT 1 / 0;"


@pytest.fixture
async def database(parts: Parts, request: pytest.FixtureRequest) -> Database:
    name = f"feira_{abs(hash(request.node.nodeid)):x}"
    return await created_database(name, parts.postgres_superuser_url)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001-first.sql").write_text(FIRST)
    return tmp_path


def tables(database: Database) -> set[str]:
    with psycopg.connect(database.owner_url) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {row[0] for row in found if not row[0].startswith(("_yoyo", "yoyo"))}


def test_a_migration_that_fails_leaves_nothing_and_is_applied_whole_the_next_time(
    database: Database, folder: Path
) -> None:
    (folder / "0002-broken.sql").write_text(f"-- depends: 0001-first\n{BROKEN}")
    with pytest.raises(psycopg.errors.DivisionByZero):
        apply(database.owner_url, folder)
    assert tables(database) == {"first"}
    assert pending_in(database.owner_url, folder) == ["0002-broken"]

    (folder / "0002-broken.sql").write_text(f"-- depends: 0001-first\n{BROKEN.replace('/ 0', '/ 1')}")
    assert apply(database.owner_url, folder) == ["0002-broken"]
    assert tables(database) == {"first", "third"}
    assert pending_in(database.owner_url, folder) == []


async def test_a_migration_gives_way_where_a_table_is_in_use_and_comes_back(
    database: Database, folder: Path
) -> None:
    await asyncio.to_thread(apply, database.owner_url, folder)
    (folder / "0002-slow.sql").write_text(f"-- depends: 0001-first\n{SLOW}")
    with psycopg.connect(database.owner_url) as user, psycopg.connect(database.owner_url) as reader:
        user.execute("SELECT FROM first")
        migrating = asyncio.create_task(asyncio.to_thread(apply, database.owner_url, folder))
        # a reader who queues behind the migration gets its turn when the migration gives way
        await asyncio.sleep(1.0)
        reader.execute("SET statement_timeout = '30s'")
        await asyncio.to_thread(reader.execute, "SELECT FROM first")
        assert not migrating.done()
        reader.rollback()
        user.rollback()
        assert await migrating == ["0002-slow"]


async def test_several_jobs_at_once_apply_each_migration_once(database: Database) -> None:
    jobs = (asyncio.to_thread(apply, database.owner_url, KERNEL_MIGRATIONS) for _ in range(4))
    applied = sorted(len(it) for it in await asyncio.gather(*jobs))
    assert applied == [0, 0, 0, len(migrations_in(KERNEL_MIGRATIONS))]


async def test_check_lists_what_would_be_applied_and_applies_nothing(parts: Parts) -> None:
    database = await created_database("feira_checked", parts.postgres_superuser_url)

    async def run(*arguments: str) -> tuple[int | None, list[str]]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "offer", "migrate", *arguments),
            env={"FEIRA_MIGRATION_URL": database.owner_url, "FEIRA_LOG_LEVEL": "error"},
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
        return process.returncode, output.decode().split()

    code, names = await run("--check")
    assert code == 1
    assert {"0001-log", "0101-skus-folded"} <= set(names)
    assert tables(database) == set()
    assert await run() == (0, [])
    assert await run("--check") == (0, [])


async def test_a_server_that_refuses_is_named_in_one_line_without_the_password(
    parts: Parts, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    database = await created_database("feira_refusing", parts.postgres_superuser_url)
    monkeypatch.setattr("kernel.postgres.migrate.SERVER_PATIENCE_SECONDS", 0.0)
    parsed = urlsplit(database.owner_url)
    url = parsed._replace(netloc=f"{parsed.username}:hush@{parsed.hostname}:{parsed.port}").geturl()
    for attempt in (apply, pending_in):
        with pytest.raises(UnfitServerError, match="password authentication failed for user") as refused:
            await asyncio.to_thread(attempt, url, folder)
        assert "\n" not in str(refused.value)
        assert "hush" not in str(refused.value)


async def test_a_role_that_does_not_own_the_tables_is_refused_in_one_line(
    database: Database, folder: Path
) -> None:
    await asyncio.to_thread(apply, database.owner_url, folder)
    (folder / "0002-slow.sql").write_text(f"-- depends: 0001-first\n{SLOW}")
    with pytest.raises(
        UnfitRolesError, match=f"{database.name} may not migrate: permission denied"
    ) as refused:
        await asyncio.to_thread(apply, database.service_url, folder)
    assert "\n" not in str(refused.value)
    assert tables(database) == {"first"}


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("ALTER ROLE {0} SUPERUSER", "Superusers see the rows of every tenant"),
        ("ALTER ROLE {0}_caller BYPASSRLS", "BYPASSRLS shows the rows of every tenant"),
        ("CREATE TABLE own (); ALTER TABLE own OWNER TO {0}", "An owner can change the log"),
        ("GRANT {0}_owner TO {0}", "A member of the owner can change the log"),
        ("ALTER ROLE {0}_caller LOGIN", "The callers' role must be NOLOGIN"),
        ("REVOKE {0}_caller FROM {0}", "is no member of"),
        ("GRANT {0}_caller TO {0} WITH INHERIT TRUE", "inherits the rights of"),
        ("GRANT {0}_caller TO {0} WITH SET FALSE", "cannot switch to"),
        ("DROP ROLE {0}_caller", "_caller does not exist"),
    ],
)
async def test_unfit_roles_are_refused_before_anything_is_applied(
    database: Database, folder: Path, fault: str, sentence: str
) -> None:
    await execute(database.superuser_url, fault.format(database.name))
    with pytest.raises(UnfitRolesError, match=sentence):
        await asyncio.to_thread(apply, database.owner_url, folder)
    assert pending_in(database.superuser_url, folder) == ["0001-first"]


async def test_roles_as_an_operator_of_kubernetes_makes_them_are_fit(
    database: Database, folder: Path
) -> None:
    """It sends a plain GRANT; the service's role was created NOINHERIT before."""
    name = database.name
    await execute(
        database.superuser_url,
        f"REVOKE {name}_caller FROM {name}; ALTER ROLE {name} NOINHERIT; GRANT {name}_caller TO {name}",
    )
    assert await asyncio.to_thread(apply, database.owner_url, folder) == ["0001-first"]


def test_a_server_that_lacks_what_services_call_is_refused() -> None:
    check_server(170_000)
    with pytest.raises(UnfitServerError, match="PostgreSQL 17 or newer is needed; this is 16"):
        check_server(160_014)
