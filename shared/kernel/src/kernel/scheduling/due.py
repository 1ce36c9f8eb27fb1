"""Which timers are due: each tenant's oldest first, and of all tenants in turn, so that none waits behind
the many of another."""

from __future__ import annotations

OF_EACH_TENANT = """
    WITH RECURSIVE tenants AS (
        (SELECT tenant FROM timers ORDER BY tenant LIMIT 1)
        UNION ALL
        SELECT (SELECT t.tenant FROM timers t WHERE t.tenant > tenants.tenant ORDER BY t.tenant LIMIT 1)
        FROM tenants WHERE tenants.tenant IS NOT NULL
    ), shares AS MATERIALIZED (
        SELECT tenant, coalesce(room, $3) AS room, coalesce(busy, 0) AS busy
        FROM tenants
        LEFT JOIN unnest($4::text[], $5::int[], $6::int[]) AS known (tenant, room, busy) USING (tenant)
        WHERE tenant IS NOT NULL
    ), due AS MATERIALIZED (
        SELECT oldest.* FROM shares, LATERAL (
            SELECT * FROM timers t
            WHERE t.tenant = shares.tenant AND t.due_at <= feira_now() AND t.kind = ANY($1)
            ORDER BY t.due_at LIMIT least($2, shares.room) FOR UPDATE SKIP LOCKED
        ) AS oldest
    ), in_turn AS MATERIALIZED (
        SELECT due.*, shares.busy + row_number() OVER (PARTITION BY tenant ORDER BY due_at) AS turn
        FROM due JOIN shares USING (tenant)
        ORDER BY turn, due_at LIMIT $2
    )
"""
"""$1: kinds, $2: most in all, $3: most of a tenant, $4 to $6: tenants with less room than that, their room,
and what they have under way. The index is read tenant by tenant: a backlog costs nothing."""
COLUMNS = """
    subject, kind, tenant, due_at, payload, attempts, correlation_id, causation_id, traceparent, occurred_at
"""
