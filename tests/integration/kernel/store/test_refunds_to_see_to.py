"""Refunds that were refused by the old rule call an operator, once the checkout service is migrated."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

from checkout_saga.orders.use_cases.index_keys import REFUND_NEEDING_ATTENTION
from devstack.databases import Database
from kernel.postgres.migrate import migrate

MIGRATION = "0120-refunds-to-see-to"
CHECKOUT_SAGA = Path(__file__).parents[4] / "services/checkout-saga/src/checkout_saga/migrations"
ENTER = """
    INSERT INTO log (stream_id, version, message_id, kind, tenant, topic, key, type, schema_version, body,
                     correlation_id, causation_id, actor, recorded_at)
    VALUES ($1, $2, $3, 'fact', 'demo', 'checkout.events', $1, $4, 1, $5, 'c', 'c', 'tester', now())
"""
ORDER, REFUSED, RETRIED, SEEN_TO, PAID, UNDER_WAY = (UUID(int=it) for it in range(1, 7))
HISTORY = (
    *((REFUSED, "refund_requested"), (REFUSED, "refund_failed")),
    *((RETRIED, "refund_requested"), (RETRIED, "refund_failed"), (RETRIED, "refund_retried")),
    *((SEEN_TO, "refund_requested"), (SEEN_TO, "refund_resolved"), (SEEN_TO, "refund_failed")),
    *((PAID, "refund_requested"), (PAID, "refunded"), (UNDER_WAY, "refund_requested")),
)


async def test_refunds_that_were_refused_before_are_in_the_list(database: Database, tmp_path: Path) -> None:
    connection = await asyncpg.connect(database.superuser_url)
    for version, (refund, what) in enumerate(HISTORY, 1):
        body = json.dumps({"refund_id": str(refund)}).encode()
        await connection.execute(ENTER, ORDER, version, uuid4(), f"order.{what}", body)
    without_id = json.dumps({"amount": 1}).encode()
    await connection.execute(ENTER, ORDER, len(HISTORY) + 1, uuid4(), "order.refunded", without_id)

    shutil.copy(CHECKOUT_SAGA / f"{MIGRATION}.sql", tmp_path)  # the others need roles of a whole service
    assert MIGRATION in await asyncio.to_thread(migrate, database.owner_url, tmp_path)

    rows = await connection.fetch("SELECT tenant, kind, value, holder FROM claims")
    guarded = await connection.fetchval("SELECT relforcerowsecurity FROM pg_class WHERE relname = 'claims'")
    await connection.close()
    assert [tuple(row) for row in rows] == [("demo", REFUND_NEEDING_ATTENTION, str(REFUSED), ORDER)]
    assert guarded
