"""A broker with TLS, users and ACLs, and a PostgreSQL server, for services in processes of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.secured_kafka import SecuredKafka, running_secured_kafka
from tests.support.single_service import running_postgres


@pytest.fixture(scope="session")
async def secured(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SecuredKafka]:
    async with running_secured_kafka(tmp_path_factory.mktemp("secured")) as kafka:
        yield kafka


@pytest.fixture(scope="session")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The URL of its superuser."""
    async with running_postgres(tmp_path_factory.mktemp("postgres")) as url:
        yield url
