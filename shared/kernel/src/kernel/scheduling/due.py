"""The query for due timers: the oldest of each tenant and target first, taking the pairs in turn, so that
none waits behind the backlog of another.

The target of a timer is the system to which its outbound call goes; timers that fire here have none.
"""

from __future__ import annotations

TARGET = "target"
"""The field of a timer's payload; the index of due timers has it, too."""
TARGET_OF = f"coalesce(t.payload ->> '{TARGET}', '')"
PAIRS = f"""
    pairs AS (
        (SELECT t.tenant, {TARGET_OF} AS target FROM timers t ORDER BY 1, 2 LIMIT 1)
        UNION ALL
        SELECT later.* FROM pairs, LATERAL (
            SELECT t.tenant, {TARGET_OF} AS target FROM timers t
            WHERE (t.tenant, {TARGET_OF}) > (pairs.tenant, pairs.target) ORDER BY 1, 2 LIMIT 1
        ) AS later
    )
"""  # noqa: S608  # constants
"""Each tenant and target that has timers: the index is read once for each of them."""
DUE_IN_TURN = f"""
    WITH RECURSIVE {PAIRS}, shares AS MATERIALIZED (
        SELECT tenant, target, coalesce(room, $3) AS room, coalesce(busy, 0) AS busy
        FROM pairs
        LEFT JOIN unnest($4::text[], $5::text[], $6::int[], $7::int[]) AS limits (tenant, target, room, busy)
            USING (tenant, target)
    ), due AS MATERIALIZED (
        SELECT oldest.*, shares.target, shares.busy FROM shares, LATERAL (
            SELECT * FROM timers t
            WHERE t.tenant = shares.tenant AND {TARGET_OF} = shares.target
                AND t.due_at <= feira_now() AND t.kind = ANY($1)
            ORDER BY t.due_at LIMIT least($2, shares.room) FOR UPDATE SKIP LOCKED
        ) AS oldest
    ), in_turn AS MATERIALIZED (
        SELECT due.*, busy + row_number() OVER (PARTITION BY tenant, target ORDER BY due_at) AS turn
        FROM due ORDER BY turn, due_at LIMIT $2
    )
"""  # noqa: S608  # constants
"""$1: kinds, $2: limit in all, $3: limit of each pair, $4 to $7: the tenants and targets of pairs with less
room than that, their room and their running calls. The index is read pair by pair, so a backlog costs
nothing."""
COLUMNS = """
    subject, kind, tenant, due_at, payload, attempts, correlation_id, causation_id, traceparent, occurred_at
"""
