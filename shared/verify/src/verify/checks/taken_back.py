"""What orders hand over is given once, and taken back when it is no longer the customer's."""

from verify.check import Check, ViolationQuery

F4 = Check(
    "F4",
    "Nothing is handed over twice, and what is no longer the customer's is taken back.",
    "SELECT count(*) FROM log WHERE type LIKE 'fulfillment.%' OR type LIKE 'enrollment.%'",
    (
        ViolationQuery(
            "a line that was tried again after it was handed over, or was taken back",
            """
            SELECT DISTINCT e.tenant, e.stream_id, e.type AS ended_by, l.version FROM log e
            JOIN log l ON l.stream_id = e.stream_id AND l.version > e.version
                AND l.type IN ('fulfillment.requested', 'fulfillment.succeeded', 'fulfillment.pending')
            WHERE e.type = 'fulfillment.revoked'
               OR (e.type = 'fulfillment.succeeded' AND NOT EXISTS (
                   SELECT 1 FROM log b WHERE b.stream_id = e.stream_id AND b.version > e.version
                   AND b.version < l.version AND b.type = 'fulfillment.units_came_back'))
            """,
        ),
        ViolationQuery(
            "a course that a customer was given twice",
            """
            SELECT g.tenant, g.stream_id, g.version FROM log g JOIN log b
                ON b.stream_id = g.stream_id AND b.version = g.version - 1 AND b.type = g.type
            WHERE g.type = 'enrollment.granted'
            """,
        ),
        ViolationQuery(
            "a line of a cancelled order, or without any units left, that was not taken back",
            """
            WITH gone AS (
                SELECT o.tenant, o.order_id, l.line_id FROM orders o JOIN order_line l USING (order_id)
                WHERE l.line_id IS NOT NULL AND (
                    o.order_id IN (SELECT stream_id FROM log WHERE type = 'order.cancelled')
                    OR l.quantity <= (
                        SELECT sum(json_extract(e.value, '$.quantity'))
                        FROM log c, json_each(c.body, '$.units') e
                        WHERE c.type = 'order.lines_cancelled' AND c.stream_id = o.order_id
                          AND json_extract(e.value, '$.line_id') = l.line_id)
                    OR l.quantity <= (
                        SELECT sum(b.quantity) FROM given_back b
                        WHERE b.order_id = o.order_id AND b.line_id = l.line_id
                          AND EXISTS (
                              SELECT 1 FROM log r WHERE r.stream_id = b.order_id AND r.version = b.version
                              AND json_extract(r.body, '$.refund_id') IS NOT NULL))
                )
            ), line AS (
                SELECT stream_id, json_extract(body, '$.order_id') AS order_id,
                       json_extract(body, '$.line_id') AS line_id, max(version) AS last
                FROM log WHERE type = 'fulfillment.requested' GROUP BY stream_id
            )
            SELECT g.tenant, g.order_id, g.line_id, line.stream_id FROM gone g
            JOIN line USING (order_id, line_id)
            WHERE NOT EXISTS (SELECT 1 FROM log t WHERE t.stream_id = line.stream_id
                              AND t.type = 'fulfillment.revoked')
            """,
        ),
    ),
)
CHECKS = (F4,)
