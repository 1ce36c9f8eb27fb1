"""The real PostgreSQL and Kafka, started once for all, and a database for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import structlog

from devstack.databases import Database
from tests.support.database import Pool, copied, migrated_database, service_pool
from tests.support.parts import Parts, running_parts


@pytest.fixture(scope="session", autouse=True)
def plain_log() -> None:
    """Tracebacks as they are: the picture that is drawn by default takes seconds for a large record."""
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.TimeStamper("iso"), plain]
    )


@pytest.fixture(scope="session")
async def parts(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Parts]:
    async with running_parts(tmp_path_factory.mktemp("parts")) as parts:
        yield parts


@pytest.fixture(scope="session")
async def kernel_database(parts: Parts) -> Database:
    """Never used itself: migrating takes longer than copying."""
    return await migrated_database("feira_kernel", parts.postgres_superuser_url)


@pytest.fixture
async def database(kernel_database: Database) -> AsyncIterator[Database]:
    async with copied(kernel_database) as database:
        yield database


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with service_pool(database) as pool:
        yield pool
