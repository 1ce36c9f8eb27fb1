"""Read models get tables with the day since which figures are known, while the release before goes on."""

from __future__ import annotations

import asyncio
import shutil
from datetime import date
from pathlib import Path
from uuid import UUID

import asyncpg

import projections
from kernel.postgres.migrate import migrate
from tests.support.database import migrated_database, service_pool
from tests.support.parts import Parts

MIGRATIONS = Path(str(projections.__file__)).parent / "migrations"
SINCE = "016?-*"
AFTER = "0188-*"
"""A later migration of tables that these make."""
DAY, MUG = date(2026, 3, 1), UUID(int=1)
SELL = """
    INSERT INTO products AS t VALUES ($1, $2, 'USD', $3, 'mug', 'Mug', 1, 2, 2000)
    ON CONFLICT (tenant, day, currency, product_id, sku, name) DO UPDATE SET revenue = t.revenue + 2000
"""
CONVERT = """
    INSERT INTO conversion AS t VALUES ($1, $2, 'USD', 2, 1, 2000, 2000)
    ON CONFLICT (tenant, day, currency) DO UPDATE SET checkouts = t.checkouts + 2
"""
"""As processes of the release before do it."""


async def test_answers_are_those_of_before_until_the_rebuild_and_the_release_before_can_still_write(
    parts: Parts, tmp_path: Path
) -> None:
    before = tmp_path / "before"
    left_out = shutil.ignore_patterns(SINCE, AFTER, "post-apply.py", "__pycache__")
    shutil.copytree(MIGRATIONS, before, ignore=left_out)
    database = await migrated_database("feira_known_days", parts.postgres_superuser_url, before)
    async with service_pool(database) as pool:
        for tenant in ("demo", "rival"):
            await pool.execute(SELL, tenant, DAY, MUG)
            await pool.execute(CONVERT, tenant, DAY)
        await asyncio.to_thread(migrate, database.owner_url, MIGRATIONS)
        products = await pool.fetch("SELECT * FROM product_sales ORDER BY tenant")
        checkouts = await pool.fetch("SELECT * FROM checkout_conversion ORDER BY tenant")
        assert [tuple(row) for row in products] == [
            (tenant, DAY, "USD", MUG, "mug", "Mug", DAY, 1, 2, 2000) for tenant in ("demo", "rival")
        ]
        assert [tuple(row) for row in checkouts] == [
            (tenant, DAY, "USD", DAY, 2, 1, 2000, 2000) for tenant in ("demo", "rival")
        ]
        await pool.execute(SELL, "demo", DAY, MUG)
        await pool.execute(CONVERT, "demo", DAY)
    assert await _unforced(database.superuser_url) == set()


async def _unforced(url: str) -> set[str]:
    """Tables whose owner could read all tenants."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity"
        )
        return {row["relname"] for row in rows}
    finally:
        await connection.close()
