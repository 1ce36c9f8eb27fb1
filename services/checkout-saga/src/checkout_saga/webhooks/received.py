"""The table of webhooks that were received: each event of an account counts once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from kernel.postgres.retention import Rule
from kernel.store.writing import Connection

State = Literal["matched", "unmatched", "ignored", "unreadable"]

INSERT = """
    INSERT INTO webhook
        (gateway, account_id, event_id, tenant, type, reference, body_hash, state, received_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (gateway, account_id, event_id) DO NOTHING
    RETURNING true
"""
DELETE_OLD = """
    WITH old AS (
        SELECT gateway, account_id, event_id FROM webhook WHERE received_at < feira_now() - $1::interval
        LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    DELETE FROM webhook w USING old
    WHERE (w.gateway, w.account_id, w.event_id) = (old.gateway, old.account_id, old.event_id)
"""
KEEP = timedelta(days=90)
OLD_WEBHOOKS = Rule("webhooks", KEEP, DELETE_OLD)
"""Retention: no provider repeats an event after so long."""


class Received(NamedTuple):
    gateway: str
    account_id: UUID
    event_id: str
    tenant: str
    type: str
    reference: str | None
    body_hash: bytes
    state: State
    received_at: datetime


# failpoint: none needed (store-transaction)
async def keep(connection: Connection, received: Received) -> bool:
    """False: the event was received before."""
    return bool(await connection.fetchval(INSERT, *received))
