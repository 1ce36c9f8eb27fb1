"""Whether the providers take the credentials of payment accounts, as their answers say.

An answer that has taken them is the ordinary case, and changes nothing in the database. So what many answers
say is written together: those that come while a statement runs share the next one.
"""

from __future__ import annotations

import asyncio
from uuid import UUID

from kernel.postgres.service_pool import ServicePool

MARK_UNHEALTHY = """
    UPDATE payment_secrets SET unhealthy_since = now()
    WHERE tenant = $1 AND secrets_id = $2 AND unhealthy_since IS NULL
"""
MARK_HEALTHY = """
    WITH unhealthy AS (
        SELECT tenant, secrets_id FROM payment_secrets
        JOIN unnest($1::text[], $2::uuid[]) AS answered (tenant, secrets_id) USING (tenant, secrets_id)
        WHERE unhealthy_since IS NOT NULL
        ORDER BY tenant, secrets_id
        FOR UPDATE OF payment_secrets
    )
    UPDATE payment_secrets s SET unhealthy_since = NULL
    FROM unhealthy u WHERE s.tenant = u.tenant AND s.secrets_id = u.secrets_id
"""
"""Locked in one order: two processes that write of the same accounts do not wait for each other."""


class AccountHealth:
    def __init__(self, pool: ServicePool) -> None:
        self._pool = pool
        self._answered: set[tuple[str, UUID]] = set()
        """Tenant and secrets whose provider has taken them since the last statement began."""
        self._writing = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None

    # failpoint: none needed (noted-again)
    async def mark_unhealthy(self, tenant: str, secrets_id: UUID) -> None:
        """The provider refuses these credentials. What an earlier answer has said of them, and is not written
        yet, does not count any more."""
        self._answered.discard((tenant, secrets_id))
        await self._pool.execute(MARK_UNHEALTHY, tenant, secrets_id)

    async def mark_healthy(self, tenant: str, secrets_id: UUID) -> None:
        """The provider takes these credentials. Returns once that is written. Raises database errors."""
        self._answered.add((tenant, secrets_id))
        if self._next is None:
            self._next = asyncio.create_task(self._write(), name="account health")
        await asyncio.shield(self._next)

    # failpoint: none needed (noted-again)
    async def _write(self) -> None:
        async with self._writing:
            self._next = None
            answered, self._answered = self._answered, set()
            if answered:
                tenants, secrets_ids = zip(*answered, strict=True)
                await self._pool.execute(MARK_HEALTHY, list(tenants), list(secrets_ids))
