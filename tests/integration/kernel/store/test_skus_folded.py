"""SKUs claimed as typed become claims of what they are compared by, once the offer service is migrated."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

import asyncpg

from devstack.databases import Database
from kernel.postgres.migrate import migrate

OFFER = Path(__file__).parents[4] / "services/offer/src/offer/migrations"
CLAIM = "INSERT INTO claims (tenant, kind, value, holder) VALUES ($1, $2, $3, $4)"
OLD, YOUNG, OTHER, THEIRS = (UUID(int=it) for it in range(1, 5))


async def test_claims_made_by_the_old_rule_stay_valid(database: Database) -> None:
    connection = await asyncpg.connect(database.superuser_url)
    claimed = [
        *(("demo", "sku", "Mug-1", OLD), ("demo", "sku", "MUG-1\u200b", YOUNG)),
        *(("demo", "sku", "straße", OTHER), ("rival", "sku", "Mug-1", THEIRS)),
        ("demo", "session", "Session-1", OTHER),
    ]
    await connection.executemany(CLAIM, claimed)

    assert "0101-skus-folded" in await asyncio.to_thread(migrate, database.owner_url, OFFER)

    rows = await connection.fetch("SELECT tenant, kind, value, holder FROM claims")
    guarded = await connection.fetchval("SELECT relforcerowsecurity FROM pg_class WHERE relname = 'claims'")
    await connection.close()
    assert {tuple(row) for row in rows} == {
        *(("demo", "sku", "mug-1", OLD), ("demo", "sku", "MUG-1\u200b", YOUNG)),
        *(("demo", "sku", "strasse", OTHER), ("rival", "sku", "mug-1", THEIRS)),
        ("demo", "session", "Session-1", OTHER),
    }
    assert guarded
