"""The image, built once, and the PostgreSQL and Kafka that its services work with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.image.build import Built, build, missing_for_a_build
from tests.deploy.image.containers import Engine, unpack
from tests.deploy.tools import missing
from tests.support.parts import Parts, running_parts


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A pinned Debian package that the archive has replaced is no reason to fail here: `make image` does."""
    if lacks := missing_for_a_build():
        missing(f"THE IMAGE IS NOT TESTED: {lacks}")
    return build(tmp_path_factory.mktemp("image") / "out", allow_newer=True)


@pytest.fixture(scope="session")
def files(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the image's files."""
    return unpack(built.layout, tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="session")
def engine(built: Built, files: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("containers")
    # user 10001 has to pass through the folders above the image's files
    for above in (files, *files.parents[:2]):
        above.chmod(0o755)
    return Engine(files, built.layout.config["config"], folder)


@pytest.fixture(scope="session")
async def parts(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Parts]:
    """With the topics that the image's own job makes."""
    async with running_parts(tmp_path_factory.mktemp("parts"), topics=False) as parts:
        env = {"FEIRA_KAFKA_BOOTSTRAP": parts.kafka_bootstrap}
        code, printed = await asyncio.to_thread(engine.run, "feira", "topics", "create", env=env)
        assert code == 0, printed
        yield parts
