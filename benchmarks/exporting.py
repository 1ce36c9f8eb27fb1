"""Exports of a million rows: the CPU and the memory of this process.

The rows are those of conversion, inserted directly: how many there are is all that counts.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from time import process_time

import projections
from benchmarks.figures import Figure, Goal
from kernel.postgres.service_pool import ServicePool
from projections.questions.definitions.conversion import CONVERSION
from projections.questions.export_file import copy_csv, parquet_file
from projections.questions.statement import Asked
from tests.support.database import migrated_database, service_pool
from tests.support.parts import running_parts

ROWS = 1_000_000
MIGRATIONS = Path(str(projections.__file__)).parent / "migrations"
FILL = """
    INSERT INTO checkout_conversion (tenant, day, known, currency, checkouts, completed, ordered, revenue)
    SELECT 'demo', '1970-01-01'::date + n / 100, '2026-01-01', lpad((n % 100)::text, 3, 'C'), n % 7, n % 5,
           n, n
    FROM generate_series(1, $1) AS n
"""
ASKED = Asked(CONVERSION, {"tenant": "demo", "first": date.min, "end": date.max, "known": date.max}, {})
MOST_MEGABYTES = Goal("<=", 300)


async def figures(home: Path) -> AsyncIterator[Figure]:
    async with running_parts(home) as parts:
        database = await migrated_database("feira_projections", parts.postgres_superuser_url, MIGRATIONS)
        async with service_pool(database) as pool:
            await pool.execute(FILL, ROWS)
            rows = await pool.fetchval(
                "SELECT count(*) FROM checkout_conversion WHERE (checkouts, completed) <> (0, 0)"
            )
            before = _peak()
            yield Figure(
                "CPU of a million rows as CSV", await _csv(pool) / rows * 1e6, "s", goal=Goal("<=", 5)
            )
            yield Figure("memory for it", _peak() - before, "MB", goal=Goal("<=", 20))
            cpu, size = await _parquet(pool)
            yield Figure("CPU of a million rows as Parquet", cpu / rows * 1e6, "s", goal=Goal("<=", 10))
            yield Figure("memory for it, DuckDB included", _peak() - before, "MB", goal=MOST_MEGABYTES)
            yield Figure("its size", size / rows, "bytes/row")


async def _csv(pool: ServicePool) -> float:
    async def drop(_piece: bytes) -> None:
        pass

    began = process_time()
    await copy_csv(pool, ASKED, drop, guarded=True)
    return process_time() - began


async def _parquet(pool: ServicePool) -> tuple[float, int]:
    began = process_time()
    async with parquet_file(pool, ASKED, max_bytes=2**31) as file:
        return process_time() - began, file.seek(0, 2)


def _peak() -> float:
    """The most memory that this process has had, in megabytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 if sys.platform == "linux" else 1024**2)
