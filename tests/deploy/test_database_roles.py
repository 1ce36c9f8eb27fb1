"""The statements that make databases and roles, on a real PostgreSQL: what they make is fit for a service."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from contracts.topology import STACK, Service
from devstack import ports
from devstack.postgres import EmbeddedPostgres, binary_folder
from devstack.process import Process
from devstack.state_dir import StateDir
from kernel.postgres.database_roles import ROLES_QUERY, role_faults
from tests.deploy.overlays import DEPLOY, Document, build
from tests.deploy.resources import of_kind
from tests.support.database import execute

PASSWORD = 'it\'s "quoted", and has a $'
SCRIPT = DEPLOY / "overlays" / "local" / "servers" / "databases.sh"


@pytest.fixture
async def superuser(tmp_path: Path) -> AsyncIterator[str]:
    """The URL of the superuser of an empty server of its own: roles belong to a server as a whole."""
    StateDir(tmp_path).prepare()
    postgres = EmbeddedPostgres(tmp_path, ports.free(), password="for-this-test-alone")
    process = Process(postgres.program(), tmp_path)
    process.start()
    try:
        await process.until_ready(120)
        yield postgres.url
    finally:
        await process.stop()


async def faults(superuser: str, service: Service) -> list[str]:
    connection = await asyncpg.connect(f"{superuser.rpartition('/')[0]}/{service.database}")
    try:
        row = await connection.fetchrow(ROLES_QUERY)
        assert row
        return role_faults(dict(row))
    finally:
        await connection.close()


async def apply_as_the_operator(cluster: Document, superuser: str) -> None:
    """In CloudNativePG's order: the owner, its database, the statements, then the managed roles."""
    initdb = cluster["spec"]["bootstrap"]["initdb"]
    await execute(superuser, f"CREATE ROLE {initdb['owner']} LOGIN")
    await execute(superuser, f"CREATE DATABASE {initdb['database']} OWNER {initdb['owner']}")
    for statement in initdb["postInitApplicationSQL"]:
        await execute(f"{superuser.rpartition('/')[0]}/{initdb['database']}", statement)
    for role in cluster["spec"]["managed"]["roles"]:
        inherit = "NOINHERIT" if role.get("inherit") is False else "INHERIT"
        await execute(
            superuser, f"ALTER ROLE {role['name']} {'LOGIN' if role['login'] else 'NOLOGIN'} {inherit}"
        )
        for parent in role.get("inRoles", []):
            await execute(superuser, f"GRANT {parent} TO {role['name']}")


def run_script(environment: dict[str, str]) -> None:
    subprocess.run(["/bin/sh", str(SCRIPT)], env=environment, check=True, timeout=60)


async def test_the_clusters_have_fit_roles(superuser: str) -> None:
    clusters = {it["metadata"]["name"]: it for it in of_kind(build("staging"), "Cluster")}
    for service in STACK:
        await apply_as_the_operator(clusters[f"{service.name}-db"], superuser)
        assert await faults(superuser, service) == []


async def test_the_local_server_has_fit_roles_with_their_passwords(superuser: str, tmp_path: Path) -> None:
    (roles := tmp_path / "roles").mkdir()
    for service in STACK:
        for name in (service.database, f"{service.database}_owner"):
            (roles / name).write_text(PASSWORD)
    at = urlsplit(superuser)
    environment = {
        "PATH": f"{binary_folder()}:{os.environ['PATH']}",
        "FEIRA_ROLES": str(roles),
        "PGHOST": str(at.hostname),
        "PGPORT": str(at.port),
        "PGPASSWORD": str(at.password),
    }
    await asyncio.to_thread(run_script, environment)
    for service in STACK:
        assert await faults(superuser, service) == []
        for user in (service.database, f"{service.database}_owner"):
            connection = await asyncpg.connect(
                host=at.hostname, port=at.port, user=user, password=PASSWORD, database=service.database
            )
            await connection.close()
