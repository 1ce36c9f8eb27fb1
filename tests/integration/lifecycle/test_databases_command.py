"""`feira databases`: what an operator's install makes on a server, and finds wrong with it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from stat import S_IMODE
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.support.database import execute
from tests.support.single_service import running_postgres

FEIRA = str(Path(sys.executable).with_name("feira"))
ROLES = ("feira_cart", "feira_cart_owner")


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with running_postgres(tmp_path_factory.mktemp("server") / "home") as url:
        yield url


async def feira(server: str, *arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(FEIRA, "databases", *arguments),
        env={"FEIRA_SUPERUSER_URL": server},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


async def test_databases_are_created_once_with_passwords_in_files_alone(server: str, tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    create = ("create", "--service", "cart", "--passwords", str(passwords), "--json")
    code, output = await feira(server, *create)
    assert (code, json.loads(output)["created"]) == (0, ["feira_cart"])
    assert {it.name: S_IMODE(it.stat().st_mode) for it in passwords.iterdir()} == dict.fromkeys(ROLES, 0o600)
    for role in ROLES:
        password = (passwords / role).read_text()
        assert password not in output
        where = urlsplit(server).netloc.rpartition("@")[2]
        connection = await asyncpg.connect(f"postgresql://{role}:{password}@{where}/feira_cart")
        await connection.close()

    before = {it.name: it.read_text() for it in passwords.iterdir()}
    (passwords / "feira_cart").write_text("another-password")
    code, output = await feira(server, *create)
    assert (code, json.loads(output)["created"]) == (0, [])
    connection = await asyncpg.connect(f"postgresql://feira_cart:another-password@{where}/feira_cart")
    await connection.close()
    assert (passwords / "feira_cart_owner").read_text() == before["feira_cart_owner"]
    assert await feira(server, "check", "--service", "cart") == (0, "feira_cart: as it should be\n")


async def test_check_names_each_fault(server: str, tmp_path: Path) -> None:
    await feira(server, "create", "--service", "projections", "--passwords", str(tmp_path / "p"))
    await execute(server, "GRANT CONNECT ON DATABASE feira_projections TO PUBLIC")
    await execute(server, "ALTER ROLE feira_projections_caller BYPASSRLS")
    code, output = await feira(server, "check", "--service", "projections", "--service", "gateway", "--json")
    faults = json.loads(output)["faults"]
    assert code == 1
    assert faults["feira_gateway"] == ["The database does not exist."]
    bypassing, public = faults["feira_projections"]
    assert "must not have it: feira_projections_caller" in bypassing
    assert "REVOKE ALL ON DATABASE feira_projections FROM PUBLIC" in public


async def test_the_printed_sql_makes_what_check_accepts(server: str) -> None:
    code, output = await feira(server, "create", "--service", "offer", "--sql")
    assert code == 0
    assert "PASSWORD '" not in output
    for statement in output.splitlines():
        if not statement.startswith("--"):
            await execute(server, statement)
    assert await feira(server, "check", "--service", "offer") == (0, "feira_offer: as it should be\n")


async def test_a_missing_url_and_an_unknown_service_are_refused_in_one_line(server: str) -> None:
    assert "FEIRA_SUPERUSER_URL" in (await feira("", "check"))[1]
    assert "no service 'basket'" in (await feira(server, "check", "--service", "basket"))[1]
