"""Units of orders that go back into stock: each once, and no more than were sold."""

from verify.check import Check, ViolationQuery

MADE = """
    made AS (
        SELECT l.stream_id AS restock_id, l.tenant, l.checkout_id, json_extract(l.body, '$.step') AS step,
               l.body
        FROM log l WHERE l.type = 'restock.made' AND NOT EXISTS (
            SELECT 1 FROM log f WHERE f.stream_id = l.stream_id AND f.version < l.version
            AND f.type = l.type AND json_extract(f.body, '$.step') = json_extract(l.body, '$.step'))
    )
"""
"""Without the answers to repeated commands."""
RECEIVED = """
    received AS (
        SELECT json_extract(body, '$.restock_id') AS restock_id, json_extract(body, '$.product_id')
            AS product_id, min(tenant) AS tenant, sum(json_extract(body, '$.quantity')) AS quantity
        FROM log WHERE type = 'stock.received' AND json_extract(body, '$.restock_id') IS NOT NULL
        GROUP BY 1, 2
    )
"""

K4 = Check(
    "K4",
    "Units of cancelled lines, and of refunds with restock, go back into stock once, if sold from it.",
    "SELECT count(*) FROM log WHERE type = 'restock.made'",
    (
        ViolationQuery(
            "the restock and the stock differ",
            f"""
            WITH {MADE}, {RECEIVED}, said AS (
                SELECT m.restock_id, json_extract(e.value, '$.product_id') AS product_id,
                       min(m.tenant) AS tenant, sum(json_extract(e.value, '$.quantity')) AS quantity
                FROM made m, json_each(m.body, '$.received') e GROUP BY 1, 2
            ), sides AS (SELECT restock_id, product_id, tenant FROM said
                         UNION SELECT restock_id, product_id, tenant FROM received)
            SELECT i.tenant, i.restock_id, i.product_id, coalesce(s.quantity, 0) AS said,
                   coalesce(r.quantity, 0) AS received
            FROM sides i LEFT JOIN said s USING (restock_id, product_id)
            LEFT JOIN received r USING (restock_id, product_id)
            WHERE coalesce(s.quantity, 0) <> coalesce(r.quantity, 0)
            """,  # noqa: S608  # constants
        ),
        ViolationQuery(
            "more units put back than were sold",
            f"""
            WITH {MADE}, {RECEIVED}
            SELECT r.tenant, m.checkout_id, r.product_id, r.quantity AS received, coalesce(s.sold, 0) AS sold
            FROM received r JOIN (SELECT DISTINCT restock_id, checkout_id FROM made) m USING (restock_id)
            LEFT JOIN moved s ON s.checkout_id = m.checkout_id AND s.product_id = r.product_id
            WHERE r.quantity > coalesce(s.sold, 0)
            """,  # noqa: S608  # constants
        ),
        ViolationQuery(
            "to go back into stock, and never asked to",
            """
            WITH due_back AS (
                SELECT stream_id, tenant, type, 'cancel:' || json_extract(body, '$.refund_id') AS step
                FROM log WHERE type = 'order.lines_cancelled'
                UNION ALL
                SELECT d.stream_id, d.tenant, d.type, 'refund:' || json_extract(d.body, '$.refund_id')
                FROM log d JOIN log q ON q.stream_id = d.stream_id AND q.type = 'order.refund_requested'
                    AND json_extract(q.body, '$.refund_id') = json_extract(d.body, '$.refund_id')
                WHERE d.type = 'order.refunded' AND json_extract(q.body, '$.restock') AND EXISTS (
                    SELECT 1 FROM json_each(d.body, '$.allocation') e
                    WHERE json_extract(e.value, '$.quantity') > 0)
                UNION ALL
                SELECT json_extract(b.body, '$.order_id'), b.tenant, b.type, 'return:' || b.stream_id
                FROM log b WHERE b.type = 'return.received' AND EXISTS (
                    SELECT 1 FROM json_each(b.body, '$.units') e
                    WHERE json_extract(e.value, '$.condition') = 'sellable')
            )
            SELECT r.tenant, r.stream_id AS order_id, r.type, r.step FROM due_back r
            JOIN orders o ON o.order_id = r.stream_id
            WHERE NOT EXISTS (
                SELECT 1 FROM log c WHERE c.type = 'offer.receive_stock' AND c.checkout_id = o.checkout_id
                AND json_extract(c.body, '$.step') = r.step)
            """,
        ),
        ViolationQuery(
            "asked to go back, though no refund with restock, cancellation or return says so",
            """
            SELECT c.tenant, c.checkout_id, json_extract(c.body, '$.step') AS step FROM log c
            JOIN orders o ON o.checkout_id = c.checkout_id
            WHERE c.type = 'offer.receive_stock' AND NOT EXISTS (
                SELECT 1 FROM log f WHERE f.stream_id = o.order_id AND json_extract(c.body, '$.step') =
                  CASE WHEN f.type = 'order.lines_cancelled' THEN 'cancel:'
                       WHEN f.type = 'order.refund_requested' AND json_extract(f.body, '$.restock')
                       THEN 'refund:' END || json_extract(f.body, '$.refund_id'))
              AND NOT EXISTS (
                SELECT 1 FROM log r WHERE r.type = 'return.received'
                  AND json_extract(c.body, '$.step') = 'return:' || r.stream_id
                  AND json_extract(r.body, '$.order_id') = o.order_id)
            """,
        ),
        ViolationQuery(
            "asked to go back, and not answered",
            f"""
            WITH {MADE}
            SELECT c.tenant, c.checkout_id, json_extract(c.body, '$.step') AS step FROM log c
            WHERE c.type = 'offer.receive_stock' AND c.checkout_id IN (SELECT checkout_id FROM judged)
              AND NOT EXISTS (
                SELECT 1 FROM made m WHERE m.checkout_id = c.checkout_id
                AND m.step = json_extract(c.body, '$.step'))
            """,  # noqa: S608  # constants
        ),
    ),
)

CHECKS = (K4,)
