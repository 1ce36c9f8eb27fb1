"""A broker with TLS, users and ACLs, beside the one in the clear that other tests use."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.secured_kafka import SecuredKafka, running_secured_kafka


@pytest.fixture(scope="session")
async def secured(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SecuredKafka]:
    async with running_secured_kafka(tmp_path_factory.mktemp("secured")) as kafka:
        yield kafka
