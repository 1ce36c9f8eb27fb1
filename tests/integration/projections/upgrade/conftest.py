"""A Kafka and a PostgreSQL that no other process of the projections uses."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.parts import Parts, running_parts


@pytest.fixture(scope="package")
async def parts(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Parts]:
    async with running_parts(tmp_path_factory.mktemp("upgrade")) as parts:
        yield parts
