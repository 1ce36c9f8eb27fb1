"""Measure the hot paths: ``python -m benchmarks [--json]``."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from benchmarks import appends
from benchmarks.figures import as_json, as_lines
from tests.support.database import migrated_database, service_pool
from tests.support.parts import running_parts


async def main(home: Path) -> None:
    async with running_parts(home) as parts:
        database = await migrated_database("feira_bench", parts.postgres_superuser_url)
        async with service_pool(database) as pool:
            found = [it async for it in appends.figures(pool)]
    Console().print(
        as_json(found) if "--json" in sys.argv else as_lines(found), highlight=False, soft_wrap=True
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(main(Path(folder)))
