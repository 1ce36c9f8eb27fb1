"""Fulfilment: an order says of its lines what happened to them, and none is forgotten."""

from verify.check import Check, ViolationQuery

SHIPPED = """
    shipped AS (
        SELECT d.stream_id AS shipment_id, d.tenant, json_extract(d.body, '$.order_id') AS order_id,
               json_extract(e.value, '$.line_id') AS line_id, json_extract(e.value, '$.quantity') AS units,
               EXISTS (SELECT 1 FROM log b WHERE b.stream_id = d.stream_id
                       AND b.type IN ('shipment.failed', 'shipment.returned')) AS came_back
        FROM log d, json_each(d.body, '$.units') e WHERE d.type = 'shipment.dispatched'
    )
"""

# The reference is the shipment's id, or what a shop that completes the line by hand calls it: units under
# such a reference are compared with those of the shipments that no fact names.
COUNTED = """
    line AS (
        SELECT stream_id, json_extract(body, '$.order_id') AS order_id,
               json_extract(body, '$.line_id') AS line_id
        FROM log WHERE type = 'fulfillment.requested' GROUP BY stream_id
    ),
    counted AS (
        SELECT f.tenant, l.order_id, l.line_id, json_extract(f.body, '$.reference') AS reference,
               json_extract(f.body, '$.units') AS units
        FROM log f JOIN line l ON l.stream_id = f.stream_id
        WHERE f.type IN ('fulfillment.succeeded', 'fulfillment.pending')
          AND json_extract(f.body, '$.units') IS NOT NULL
    )
"""

F1 = Check(
    "F1",
    "A line that counts as handed over is; one that is being handed over has a timer.",
    "SELECT count(*) FROM log WHERE type = 'fulfillment.requested'",
    (
        ViolationQuery(
            "handed over, says the order, and the line was not",
            """
            WITH line AS (
                SELECT DISTINCT stream_id, tenant, json_extract(body, '$.order_id') AS order_id,
                       json_extract(body, '$.line_id') AS line_id
                FROM log WHERE type = 'fulfillment.requested'
            )
            SELECT DISTINCT l.tenant, l.order_id, l.line_id FROM line l
            JOIN log o ON o.stream_id = l.order_id
                AND o.type IN ('order.fulfilled', 'order.partially_fulfilled')
            JOIN json_each(o.body, '$.results') e ON json_extract(e.value, '$.line_id') = l.line_id
            WHERE json_extract(e.value, '$.result') = 'successful' AND NOT EXISTS (
                SELECT 1 FROM log s WHERE s.stream_id = l.stream_id AND s.type = 'fulfillment.succeeded')
            """,
        ),
        ViolationQuery(
            "under way, and nothing tries it",
            """
            SELECT l.tenant, l.stream_id, l.type FROM log l
            WHERE (l.type = 'fulfillment.requested'
                   OR l.type = 'fulfillment.failed' AND NOT json_extract(l.body, '$.final'))
              AND NOT EXISTS (
                SELECT 1 FROM log n WHERE n.stream_id = l.stream_id AND n.version > l.version)
              AND NOT EXISTS (
                SELECT 1 FROM timer t WHERE t.subject = l.stream_id AND t.kind = 'fulfill')
            """,
        ),
    ),
)
F2 = Check(
    "F2",
    "No more units of a line are dispatched than were sold, and each is in a shipment.",
    "SELECT count(*) FROM log WHERE type = 'shipment.dispatched'",
    (
        ViolationQuery(
            "more units under way or delivered than were sold",
            f"""
            WITH {SHIPPED}, sold AS (
                SELECT o.stream_id AS order_id, json_extract(e.value, '$.line_id') AS line_id,
                       json_extract(e.value, '$.quantity') AS units
                FROM log o, json_each(o.body, '$.sale.lines') e WHERE o.type = 'order.created'
            )
            SELECT s.tenant, s.order_id, s.line_id, sum(s.units) AS shipped, o.units AS sold
            FROM shipped s JOIN sold o ON o.order_id = s.order_id AND o.line_id = s.line_id
            WHERE NOT s.came_back GROUP BY 1, 2, 3 HAVING sum(s.units) > o.units
            """,  # noqa: S608  # constants
        ),
        ViolationQuery(
            "the line and its shipments differ",
            f"""
            WITH {SHIPPED}, {COUNTED}, each AS (
                SELECT s.tenant, s.order_id, s.line_id, s.units AS shipped, 0 AS counted,
                       CASE WHEN s.shipment_id IN (SELECT reference FROM counted)
                            THEN s.shipment_id END AS shipment_id
                FROM shipped s
                UNION ALL
                SELECT c.tenant, c.order_id, c.line_id, 0, c.units,
                       CASE WHEN c.reference IN (SELECT shipment_id FROM shipped)
                            THEN c.reference END
                FROM counted c
            )
            SELECT tenant, order_id, line_id, shipment_id, sum(shipped) AS shipped, sum(counted) AS counted
            FROM each GROUP BY 1, 2, 3, 4 HAVING sum(shipped) <> sum(counted)
            """,  # noqa: S608  # constants
        ),
    ),
)
F3 = Check(
    "F3",
    "No more units come back than have left; what came back of a paid line is refunded.",
    "SELECT count(*) FROM log WHERE type = 'return.received'",
    (
        ViolationQuery(
            "more units came back than have left",
            f"""
            WITH {SHIPPED}, back AS (
                SELECT r.tenant, json_extract(r.body, '$.order_id') AS order_id,
                       json_extract(e.value, '$.line_id') AS line_id,
                       sum(json_extract(e.value, '$.quantity')) AS units
                FROM log r, json_each(r.body, '$.units') e
                WHERE r.type = 'return.received' AND json_extract(e.value, '$.condition') <> 'missing'
                GROUP BY 1, 2, 3
            )
            SELECT b.tenant, b.order_id, b.line_id, b.units AS back, coalesce(sum(s.units), 0) AS shipped
            FROM back b LEFT JOIN shipped s ON s.order_id = b.order_id AND s.line_id = b.line_id
                AND NOT s.came_back
            GROUP BY 1, 2, 3, 4 HAVING b.units > coalesce(sum(s.units), 0)
            """,  # noqa: S608  # constants
        ),
        ViolationQuery(
            "received with a refund that was never asked for",
            """
            SELECT r.tenant, r.stream_id AS return_id, json_extract(r.body, '$.refund_id') AS refund_id
            FROM log r WHERE r.type = 'return.received' AND json_extract(r.body, '$.refund_id') IS NOT NULL
              AND NOT EXISTS (
                SELECT 1 FROM log q WHERE q.stream_id = json_extract(r.body, '$.order_id')
                AND q.type = 'order.refund_requested'
                AND json_extract(q.body, '$.refund_id') = json_extract(r.body, '$.refund_id')
                AND json_extract(q.body, '$.return_id') = r.stream_id)
            """,
        ),
        ViolationQuery(
            "waits for goods, and nothing ends it",
            """
            SELECT a.tenant, a.stream_id AS return_id FROM log a WHERE a.type = 'return.approved'
              AND NOT EXISTS (SELECT 1 FROM log n WHERE n.stream_id = a.stream_id AND n.version > a.version)
              AND NOT EXISTS (
                SELECT 1 FROM timer t WHERE t.subject = a.stream_id AND t.kind = 'return_expiry')
            """,
        ),
    ),
)
CHECKS = (F1, F2, F3)
