"""Lines that were given up by the old rule call an operator, once the checkout service is migrated."""

from __future__ import annotations

import asyncio
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

from checkout_saga.fulfillment.use_cases.handing_over import LINE_NEEDING_ATTENTION
from devstack.databases import Database
from kernel.postgres.migrate import migrate
from kernel.store.sort_keys import time_key

MIGRATION = "0185-lines-to-see-to"
CHECKOUT_SAGA = Path(__file__).parents[4] / "services/checkout-saga/src/checkout_saga/migrations"
ENTER = """
    INSERT INTO log (stream_id, version, message_id, kind, tenant, topic, key, type, schema_version, body,
                     correlation_id, causation_id, actor, recorded_at)
    VALUES ($1, $2, $3, 'fact', 'demo', 'checkout.events', $1, $4, 1, $5, 'c', 'c', 'tester', $6)
"""
AT = datetime(2026, 3, 1, 12, 0, 0, 123456, UTC)
FAILED, TRIED_AGAIN, REVOKED, AGAIN_SOON, DONE = (UUID(int=it) for it in range(1, 6))
HISTORY = (
    *((FAILED, "requested", None), (FAILED, "failed", True)),
    *((TRIED_AGAIN, "failed", True), (TRIED_AGAIN, "requested", None)),
    *((REVOKED, "failed", True), (REVOKED, "revoked", None)),
    *((AGAIN_SOON, "failed", False), (DONE, "succeeded", None)),
)


async def test_lines_that_were_given_up_before_are_in_the_list(database: Database, tmp_path: Path) -> None:
    connection = await asyncpg.connect(database.superuser_url)
    for version, (line, what, final) in enumerate(HISTORY, 1):
        body = json.dumps({} if final is None else {"final": final}).encode()
        await connection.execute(ENTER, line, version, uuid4(), f"fulfillment.{what}", body, AT)

    shutil.copy(CHECKOUT_SAGA / f"{MIGRATION}.sql", tmp_path)  # the others need roles of a whole service
    assert MIGRATION in await asyncio.to_thread(migrate, database.owner_url, tmp_path)

    rows = await connection.fetch("SELECT tenant, kind, value, holder FROM claims")
    guarded = await connection.fetchval("SELECT relforcerowsecurity FROM pg_class WHERE relname = 'claims'")
    await connection.close()
    held = f"{time_key(AT)}/{FAILED}"
    assert [tuple(row) for row in rows] == [("demo", LINE_NEEDING_ATTENTION, held, FAILED)]
    assert guarded
