"""The query for due timers: each tenant's oldest first, taking the tenants in turn, so that none waits behind
the backlog of another."""

from __future__ import annotations

DUE_IN_TURN = """
    WITH RECURSIVE tenants AS (
        (SELECT tenant FROM timers ORDER BY tenant LIMIT 1)
        UNION ALL
        SELECT (SELECT t.tenant FROM timers t WHERE t.tenant > tenants.tenant ORDER BY t.tenant LIMIT 1)
        FROM tenants WHERE tenants.tenant IS NOT NULL
    ), shares AS MATERIALIZED (
        SELECT tenant, coalesce(room, $3) AS room, coalesce(busy, 0) AS busy
        FROM tenants
        LEFT JOIN unnest($4::text[], $5::int[], $6::int[]) AS limits (tenant, room, busy) USING (tenant)
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
"""$1: kinds, $2: limit in all, $3: limit of each tenant, $4 to $6: tenants with less room than that, their
room and their running calls. The index is read tenant by tenant, so a backlog costs nothing."""
COLUMNS = """
    subject, kind, tenant, due_at, payload, attempts, correlation_id, causation_id, traceparent, occurred_at
"""
