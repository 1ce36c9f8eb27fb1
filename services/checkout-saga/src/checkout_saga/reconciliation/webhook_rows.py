"""Webhooks that were not processed when they came: reconciliation compares what they announced, and what is
then left is reported."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from checkout_saga.reconciliation.domain.webhooks import UNMATCHED_FOR, Refused, Unprocessed
from kernel.postgres.service_pool import ServicePool

CLEAR = """
    UPDATE webhook SET state = 'matched'
    WHERE tenant = $1 AND account_id = $2 AND state = 'unmatched' AND reference = ANY($3)
"""
UNPROCESSED = """
    SELECT event_id, type, reference, state FROM webhook
    WHERE tenant = $1 AND account_id = $2 AND reported_at IS NULL AND state IN ('unmatched', 'unreadable')
      AND (state = 'unreadable' OR received_at < feira_now() - $3::interval)
    ORDER BY received_at LIMIT $4
"""
REPORTED = """
    UPDATE webhook SET reported_at = feira_now() WHERE tenant = $1 AND account_id = $2 AND event_id = ANY($3)
"""
REFUSED = """
    SELECT refusals, first_at FROM webhook_refusal
    WHERE tenant = $1 AND account_id = $2 AND last_at > feira_now() - interval '1 day'
"""


class WebhookRows:
    def __init__(self, pool: ServicePool) -> None:
        self._pool = pool

    # failpoint: none needed (noted-again)
    async def clear(self, tenant: str, account_id: UUID, references: Collection[str]) -> None:
        if references:
            await self._pool.execute(CLEAR, tenant, account_id, list(references))

    async def unprocessed(self, tenant: str, account_id: UUID, limit: int) -> Sequence[Unprocessed]:
        rows = await self._pool.fetch(UNPROCESSED, tenant, account_id, UNMATCHED_FOR, limit)
        return [Unprocessed(**row) for row in rows]

    # failpoint: none needed (noted-again)
    async def note_reported(self, tenant: str, account_id: UUID, event_ids: Collection[str]) -> None:
        if event_ids:
            await self._pool.execute(REPORTED, tenant, account_id, list(event_ids))

    async def refused(self, tenant: str, account_id: UUID) -> Refused | None:
        row = await self._pool.fetchrow(REFUSED, tenant, account_id)
        return Refused(**row) if row else None
