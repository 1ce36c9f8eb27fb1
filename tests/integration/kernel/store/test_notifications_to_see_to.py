"""Messages whose outcome is unknown call an operator, once the checkout service is migrated."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

from checkout_saga.notifications.use_cases.listing import NOTIFICATION_NEEDING_ATTENTION
from devstack.databases import Database
from kernel.postgres.migrate import migrate
from kernel.store.sort_keys import time_key

MIGRATION = "0195-notifications-to-see-to"
CHECKOUT_SAGA = Path(__file__).parents[4] / "services/checkout-saga/src/checkout_saga/migrations"
ENTER = """
    INSERT INTO log (stream_id, version, message_id, kind, tenant, topic, key, type, schema_version, body,
                     correlation_id, causation_id, actor, recorded_at)
    VALUES ($1, $2, $3, 'fact', 'demo', 'checkout.events', $1, $4, 1, $5, 'c', 'c', 'tester', $6)
"""
AT = datetime(2026, 3, 1, 12, 0, 0, 123456, UTC)
UNKNOWN, SENT_AFTER_ALL, SENT_AGAIN, SENT = (UUID(int=it) for it in range(1, 5))
HISTORY = (
    *((UNKNOWN, "requested"), (UNKNOWN, "sending"), (UNKNOWN, "unknown")),
    *((SENT_AFTER_ALL, "unknown"), (SENT_AFTER_ALL, "sent")),
    *((SENT_AGAIN, "unknown"), (SENT_AGAIN, "requested"), (SENT_AGAIN, "sending")),
    *((SENT, "sending"), (SENT, "sent")),
)


async def test_messages_whose_outcome_was_unknown_before_are_in_the_list(
    database: Database, tmp_path: Path
) -> None:
    connection = await asyncpg.connect(database.superuser_url)
    for version, (message, what) in enumerate(HISTORY, 1):
        await connection.execute(ENTER, message, version, uuid4(), f"notification.{what}", b"{}", AT)

    shutil.copy(CHECKOUT_SAGA / f"{MIGRATION}.sql", tmp_path)  # the others need roles of a whole service
    assert MIGRATION in await asyncio.to_thread(migrate, database.owner_url, tmp_path)

    rows = await connection.fetch("SELECT tenant, kind, value, holder FROM claims")
    guarded = await connection.fetchval("SELECT relforcerowsecurity FROM pg_class WHERE relname = 'claims'")
    await connection.close()
    held = f"{time_key(AT)}/{UNKNOWN}"
    assert [tuple(row) for row in rows] == [("demo", NOTIFICATION_NEEDING_ATTENTION, held, UNKNOWN)]
    assert guarded
