"""SQL of the list of what a merchant has at the gateway."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from kernel.postgres.service_pool import ServicePool

LISTED_PAGE = """
    SELECT o.number, CASE WHEN m.moves THEN o.operation ELSE 'authorization' END AS kind,
           CASE WHEN m.moves THEN 'done' ELSE 'open' END AS state, o.reference,
           CASE WHEN m.moves THEN o.amount ELSE p.authorized END AS amount, o.currency, o.performed_at AS at,
           o.payment_id, p.checkout_id, o.key, '' AS detail, NULL::timestamptz AS due_at
    FROM operation o JOIN payment p USING (merchant, payment_id),
         LATERAL (SELECT o.operation IN ('capture', 'refund') AS moves) m
    WHERE o.merchant = $1 AND o.number > $2 AND o.performed_at >= $3 AND o.performed_at < $4
      AND (o.status IN ('captured', 'refunded') OR (o.status = 'authorized' AND p.status = 'authorized'))
  UNION ALL
    SELECT f.number, 'fee', 'done', f.reference, f.amount, f.currency, f.charged_at, f.payment_id,
           p.checkout_id, NULL, '', NULL
    FROM fee f JOIN payment p USING (merchant, payment_id)
    WHERE f.merchant = $1 AND f.number > $2 AND f.charged_at >= $3 AND f.charged_at < $4
  UNION ALL
    SELECT d.number, 'dispute', d.status, d.dispute_id::text, d.amount, d.currency, d.opened_at, d.payment_id,
           p.checkout_id, NULL, d.reason, d.due_at
    FROM dispute d JOIN payment p USING (merchant, payment_id)
    WHERE d.merchant = $1 AND d.number > $2
      AND ((d.opened_at >= $3 AND d.opened_at < $4) OR d.dispute_id::text = ANY ($6))
    ORDER BY number LIMIT $5
"""


async def list_entries(
    pool: ServicePool,
    merchant: str,
    after: int,
    since: datetime,
    until: datetime,
    limit: int,
    disputes: Sequence[str],
) -> list[asyncpg.Record]:
    """What holds or has moved money, in order of execution. ``disputes``: listed however old they are."""
    return await pool.fetch_for_tenant(merchant, LISTED_PAGE, after, since, until, limit, disputes)
