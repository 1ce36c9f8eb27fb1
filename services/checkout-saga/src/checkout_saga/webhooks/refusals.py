"""Counts the webhooks that were refused for an account since the last one whose signature fitted."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from checkout_saga.webhooks.ports import WebhookAccount
from checkout_saga.webhooks.received import OLD_WEBHOOKS
from kernel.postgres.retention import Rule
from kernel.postgres.service_pool import ServicePool
from kernel.store.writing import Connection

MOST = 1000
"""Sending webhooks that are refused needs no secret: what comes after so many writes nothing."""
NOTE = """
    INSERT INTO webhook_refusal AS r (account_id, gateway, tenant, refusals, first_at, last_at)
    VALUES ($1, $2, $3, 1, feira_now(), feira_now())
    ON CONFLICT (account_id) DO UPDATE SET refusals = r.refusals + 1, last_at = excluded.last_at
    WHERE r.refusals < $4
"""
FORGET = "DELETE FROM webhook_refusal WHERE account_id = $1"
DELETE_OLD = """
    WITH old AS (
        SELECT account_id FROM webhook_refusal WHERE last_at < feira_now() - $1::interval
        LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    DELETE FROM webhook_refusal r USING old WHERE r.account_id = old.account_id
"""
RULES = (OLD_WEBHOOKS, Rule("webhook refusals", timedelta(days=90), DELETE_OLD))
"""Retention of what is kept of webhooks."""


class Refusals:
    def __init__(self, pool: ServicePool) -> None:
        self._pool = pool

    # failpoint: none needed (noted-again)
    async def note(self, gateway: str, account: WebhookAccount) -> None:
        await self._pool.execute(NOTE, account.account_id, gateway, account.tenant, MOST)


# failpoint: none needed (store-transaction)
async def forget_refusals(connection: Connection, account_id: UUID) -> None:
    """A signature has fitted."""
    await connection.execute(FORGET, account_id)
