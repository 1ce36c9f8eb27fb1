"""An export while it is made: its memory, its caller, and the connection that it takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import httpx
import pytest

from devstack.databases import Database
from kernel.http.problems import Problem
from kernel.postgres.service_pool import ServicePool
from projections.questions.export_file import parquet_file
from projections.questions.question import Column, Param, Question
from projections.questions.statement import Asked
from tests.integration.projections.test_figures_over_http import Caller

LIMIT = 20.0
ROWS = 300_000
COPYING = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY%'"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%products%'"
MANY = Question(
    name="many",
    title="Many",
    about="Many rows.",
    columns=(Column("n", "integer", "A number."), Column("name", "text", "A text.")),
    sql="SELECT n, repeat(n::text, 10) AS name FROM generate_series(1, :rows) AS n WHERE :tenant <> ''",
    params=(Param("rows", "How many.", kind="integer"),),
    order=("n",),
)
ASKED = Asked(MANY, {"tenant": "demo", "rows": ROWS}, {})


async def test_rows_beyond_the_limit_of_a_file_are_refused_and_nothing_is_left(pool: ServicePool) -> None:
    with pytest.raises(Problem) as refused:
        async with parquet_file(pool, ASKED, max_bytes=100_000):
            pass
    assert refused.value.status_code == 422
    assert pool.in_use() == (0, 0)


async def test_a_parquet_file_has_all_rows_in_little_space(pool: ServicePool) -> None:
    async with parquet_file(pool, ASKED, max_bytes=100_000_000) as file:
        head = file.read(4)
        size = file.seek(0, 2)
    assert head == b"PAR1"
    assert 0 < size < ROWS * 40


async def test_a_cancelled_export_ends_its_statement_and_gives_its_connection_back(
    pool: ServicePool, database: Database
) -> None:
    async def make() -> None:
        async with parquet_file(pool, ASKED, max_bytes=100_000_000):
            pass

    async with _watching(database) as watcher:
        work = asyncio.create_task(make())
        await _until(watcher, COPYING, 1)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        await _until(watcher, COPYING, 0)
    assert pool.in_use() == (0, 0)


async def test_the_export_of_a_caller_who_goes_away_ends(caller: Caller, database: Database) -> None:
    """The table is locked, so that the statement still waits when the caller goes."""
    async with _watching(database) as watcher, watcher.transaction():
        await watcher.execute("LOCK TABLE product_sales IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(httpx.ReadTimeout):
            await caller("demo-analyst").get("/v1/analytics/products/export", timeout=1.0)
        await _until(watcher, WAITING, 0)
    assert (await caller("demo-analyst").get("/v1/analytics/products/export")).status_code == 200


@asynccontextmanager
async def _watching(database: Database) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(database.superuser_url)
    try:
        yield connection
    finally:
        await connection.close()


async def _until(watcher: asyncpg.Connection[asyncpg.Record], question: str, count: int) -> None:
    async with asyncio.timeout(LIMIT):
        while True:
            if await watcher.fetchval(question) == count:
                return
            await asyncio.sleep(0.005)
