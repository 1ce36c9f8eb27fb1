"""A database with read models of each kind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import projections
from devstack.databases import Database
from tests.support.database import migrated_database
from tests.support.single_service import running_postgres

MIGRATIONS = Path(str(projections.__file__)).parent / "migrations"
TOYS = Path(__file__).parent / "migrations"


@pytest.fixture(scope="package")
async def toys(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    async with running_postgres(tmp_path_factory.mktemp("kinds")) as superuser_url:
        yield await migrated_database("feira_projections", superuser_url, MIGRATIONS, TOYS)
