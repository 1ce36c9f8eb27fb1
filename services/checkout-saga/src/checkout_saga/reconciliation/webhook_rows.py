"""Webhooks whose payment was not known when they came: reconciliation has compared what they announced."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from kernel.postgres.service_pool import ServicePool

CLEAR = """
    UPDATE webhook SET state = 'matched'
    WHERE tenant = $1 AND account_id = $2 AND state = 'unmatched' AND reference = ANY($3)
"""


class WebhookRows:
    def __init__(self, pool: ServicePool) -> None:
        self._pool = pool

    # failpoint: none needed (noted-again)
    async def clear(self, tenant: str, account_id: UUID, references: Collection[str]) -> None:
        if references:
            await self._pool.execute(CLEAR, tenant, account_id, list(references))
