"""The answer of GET /v1/analytics/checkout-operations: counts, and what is open."""

from __future__ import annotations

from projections.models.checkout_operations.model import CHECKOUT_OPERATIONS

COUNTS = f"""
    SELECT kind, label, code, sum(count)::bigint AS count FROM {CHECKOUT_OPERATIONS.table}
    WHERE tenant = $1 AND day >= $2 AND day < $3
    GROUP BY kind, label, code HAVING sum(count) <> 0 ORDER BY count DESC, kind, label, code
"""  # noqa: S608  # the table's name is a constant
OPEN = f"""
    WITH open AS (
        SELECT (state->>'begun_ms')::bigint / 1000.0 AS begun,
               state->'stuck' <> '[]' AS needs_operator,
               extract(epoch FROM feira_now()) AS now
        FROM {CHECKOUT_OPERATIONS.subjects}
        WHERE tenant = $1 AND state->>'ended' = 'false' AND state->>'begun' >= $2 AND state->>'begun' < $3
    )
    SELECT count(*) AS in_flight, count(*) FILTER (WHERE needs_operator OR begun < now - $4) AS stuck,
           greatest(0, floor(max(now - begun)))::bigint AS oldest_open_seconds
    FROM open
"""  # noqa: S608  # the table's name is a constant
