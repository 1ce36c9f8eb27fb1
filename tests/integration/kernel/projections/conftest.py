"""A database with read models of each kind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest

import projections
from devstack.databases import Database
from tests.integration.kernel.projections.toys import create_tables
from tests.support.database import migrated_database
from tests.support.single_service import running_postgres

MIGRATIONS = Path(str(projections.__file__)).parent / "migrations"


@pytest.fixture(scope="package")
async def toys(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    async with running_postgres(tmp_path_factory.mktemp("kinds")) as superuser_url:
        database = await migrated_database("feira_projections", superuser_url, MIGRATIONS)
        await asyncio.to_thread(_create, database.owner_url)
        yield database


def _create(owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        create_tables(connection)
