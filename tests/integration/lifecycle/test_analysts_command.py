"""`feira analysts`: the logins of analysts, whose passwords are printed once."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

import projections
from kernel.postgres.migrate import migrate
from tests.support.single_service import created_database, running_postgres

FEIRA = str(Path(sys.executable).with_name("feira"))
MIGRATIONS = Path(str(projections.__file__)).parent / "migrations"


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with running_postgres(tmp_path_factory.mktemp("server") / "home") as url:
        database = await created_database("feira_projections", url)
        await asyncio.to_thread(migrate, database.owner_url, MIGRATIONS)
        yield url


async def feira(server: str, *arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(FEIRA, "analysts", *arguments),
        env={"FEIRA_SUPERUSER_URL": server},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


async def tenant_of(server: str, login: str, password: str) -> str | None:
    where = urlsplit(server).netloc.rpartition("@")[2]
    connection = await asyncpg.connect(f"postgresql://{login}:{password}@{where}/feira_projections")
    tenant: str | None = await connection.fetchval("SELECT my_tenant()")
    await connection.close()
    return tenant


async def test_a_login_is_created_once_and_only_a_new_password_opens_it_after_a_rotation(server: str) -> None:
    code, output = await feira(server, "create", "shop", "--json")
    made = json.loads(output)
    assert (code, made["login"]) == (0, "analyst_shop")
    assert await tenant_of(server, "analyst_shop", made["password"]) == "shop"

    code, output = await feira(server, "create", "shop")
    assert code != 0
    assert "feira analysts rotate shop" in output

    code, output = await feira(server, "rotate", "shop", "--json")
    assert code == 0
    assert await tenant_of(server, "analyst_shop", json.loads(output)["password"]) == "shop"
    with pytest.raises(asyncpg.InvalidPasswordError):
        await tenant_of(server, "analyst_shop", made["password"])


async def test_the_list_names_logins_and_no_passwords(server: str) -> None:
    _, output = await feira(server, "create", "other", "--json")
    code, listed = await feira(server, "list", "--json")
    assert code == 0
    assert "analyst_other" in {it["login"] for it in json.loads(listed)}
    assert json.loads(output)["password"] not in listed


@pytest.mark.parametrize("arguments", [("rotate", "unknown"), ("create", "UPPER"), ("create", 'x"; --')])
async def test_a_login_that_does_not_exist_or_cannot_is_refused(
    server: str, arguments: tuple[str, ...]
) -> None:
    code, output = await feira(server, *arguments)
    assert code == 1
    assert "Traceback" not in output


async def test_a_second_migration_makes_no_view_anew_and_one_after_a_change_does(server: str) -> None:
    where = urlsplit(server).netloc
    owner = (
        f"postgresql://feira_projections_owner:password-of-feira_projections_owner@{where.rpartition('@')[2]}"
    )
    connection = await asyncpg.connect(f"postgresql://{where}/feira_projections")
    made = "SELECT 'analytics.conversion'::regclass::oid"
    before = await connection.fetchval(made)
    assert await asyncio.to_thread(migrate, f"{owner}/feira_projections", MIGRATIONS) == []
    assert await connection.fetchval(made) == before
    await connection.execute("COMMENT ON SCHEMA analytics IS 'Made from other questions.'")
    await asyncio.to_thread(migrate, f"{owner}/feira_projections", MIGRATIONS)
    assert await connection.fetchval(made) != before
    await connection.close()
