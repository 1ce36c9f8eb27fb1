"""The Job that stores the first key, as the manifest has it, in a container of the image, and again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from cli.named_in_environment import KEY, password_variable
from contracts.topology import SERVICES
from devstack.databases import Database
from tests.deploy.environments import environment, settings_files
from tests.deploy.image.containers import Engine
from tests.deploy.overlays import Document, build
from tests.deploy.resources import containers, name_of, of_kind
from tests.support.parts import Parts
from tests.support.single_service import created_database

SECRET = "of-this-test-alone-and-long-enough-for-a-key"
KEYS = "SELECT key_hash, tenant, role, name, created_at, expires_at, revoked_at FROM api_keys"


async def test_the_job_of_the_first_key_changes_nothing_when_it_is_repeated(
    engine: Engine, parts: Parts, tmp_path: Path
) -> None:
    documents = build("local")
    (job,) = [it for it in of_kind(documents, "Job") if name_of(it).startswith("first-key-")]
    databases = await migrated(engine, parts)
    secrets = {password_variable(name): password_of(it) for name, it in databases.items()} | {KEY: SECRET}
    assert secrets.keys() == settings_files(job).keys()
    mount(secrets, tmp_path)
    env = {
        name: value.replace(
            "@postgres/", f"@{urlsplit(parts.postgres_superuser_url).netloc.rpartition('@')[2]}/"
        )
        for name, value in environment(documents, job).items()
    }

    await run(engine, job, env, tmp_path)
    made = await keys_in(databases)
    stored = {(it["key_hash"], it["tenant"], it["role"], it["name"]) for (it,) in made}
    assert stored == {(sha256(SECRET.encode()).hexdigest(), "demo", "ops", "first-key")}
    await run(engine, job, env, tmp_path)
    assert await keys_in(databases) == made


async def migrated(engine: Engine, parts: Parts) -> dict[str, Database]:
    """The databases of the services, under the names that the manifest has."""
    found = {}
    for service in SERVICES:
        found[service.name] = await created_database(service.database, parts.postgres_superuser_url)
        command = ["python", "-m", service.module, "migrate"]
        env = {"FEIRA_MIGRATION_URL": found[service.name].owner_url}
        code, printed = await asyncio.to_thread(engine.run, *command, env=env)
        assert code == 0, printed
    return found


def mount(secrets: Mapping[str, str], folder: Path) -> None:
    """As files that user 10001 may read."""
    folder.chmod(0o755)
    for name, value in secrets.items():
        (folder / name.lower()).write_text(value)


def password_of(database: Database) -> str:
    return urlsplit(database.service_url).password or ""


async def run(engine: Engine, job: Document, env: Mapping[str, str], secrets: Path) -> None:
    (container,) = containers(job)
    command = [*container["command"], *container["args"]]
    code, printed = await asyncio.to_thread(engine.run, *command, env=env, secrets=secrets)
    assert code == 0, printed
    assert SECRET not in printed


async def keys_in(databases: Mapping[str, Database]) -> list[list[asyncpg.Record]]:
    found = []
    for it in databases.values():
        connection = await asyncpg.connect(it.owner_url)
        try:
            found.append(await connection.fetch(KEYS))
        finally:
            await connection.close()
    return found
