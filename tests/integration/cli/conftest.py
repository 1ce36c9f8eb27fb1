"""Parts of their own: what these tests leave on the topics would stop a bare reader."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.parts import Parts, running_parts


@pytest.fixture(scope="package")
async def parts(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Parts]:
    async with running_parts(tmp_path_factory.mktemp("sources")) as parts:
        yield parts
