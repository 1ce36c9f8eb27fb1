"""Durable appends to the log, beside a COPY of the same rows in pages: what PostgreSQL can take at all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Figure
from kernel import ids
from kernel.store.committer import Committer
from kernel.store.save import LOG_COLUMNS, LogRow, Save
from tests.support.database import Pool, migrated_database, service_pool
from tests.support.parts import running_parts

ROWS = 12_000
PAGE = 500
IN_FLIGHT = (1, 16, 64, 256)
BODY = b'{"quantity":1,"unit_price":1999,"name":"' + b"x" * 300 + b'"}'
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def row() -> LogRow:
    stream = ids.fresh()
    return LogRow(
        stream,
        1,
        ids.fresh(),
        "fact",
        "demo",
        "cart.events",
        stream,
        "cart.item_added",
        1,
        BODY,
        "correlation",
        "causation",
        "bench",
        None,
        NOW,
        None,
    )


async def copied(pool: Pool) -> float:
    """Rows a second, a page a transaction."""
    rows = [row() for _ in range(ROWS)]
    began = time.perf_counter()
    async with pool.acquire() as connection:
        for start in range(0, ROWS, PAGE):
            await connection.copy_records_to_table(
                "log", records=rows[start : start + PAGE], columns=LOG_COLUMNS
            )
    return ROWS / (time.perf_counter() - began)


async def appended(pool: Pool, in_flight: int) -> float:
    """Saves of one fact a second, so many of them waiting at any time."""
    committer = Committer(pool)
    saves = iter([Save(rows=[row()]) for _ in range(ROWS if in_flight > 1 else ROWS // 10)])
    count = 0

    async def writer() -> None:
        nonlocal count
        for save in saves:
            await committer.save(save)
            count += 1

    began = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(in_flight):
            tasks.create_task(writer())
    return count / (time.perf_counter() - began)


async def figures(home: Path) -> AsyncIterator[Figure]:
    async with running_parts(home) as parts:
        database = await migrated_database("feira_bench", parts.postgres_superuser_url)
        async with service_pool(database) as pool:
            await copied(pool)  # once to warm up
            limit = await copied(pool)
            for in_flight in IN_FLIGHT:
                speed = await appended(pool, in_flight)
                name = f"appends, {in_flight} in flight"
                yield Figure(name, speed, "/s", f"COPY in pages of {PAGE}", limit)
