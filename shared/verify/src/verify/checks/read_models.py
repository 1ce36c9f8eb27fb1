"""Consumers and read models: each has handled every message once."""

from verify.check import Check, ViolationQuery

SET_ASIDE = """
    SELECT m.name, p.topic, p.part, count(DISTINCT p.stream_id || '/' || p.version) AS facts
    FROM parked p JOIN read_model_type m ON m.type = p.type AND p.grp = 'projections.' || m.name
    JOIN log l ON l.stream_id = p.stream_id AND l.version = p.version AND l.message_id = p.message_id
    LEFT JOIN behind b ON b.grp = 'projections.' || m.name AND b.stream_id = p.stream_id
    WHERE p.service = 'projections' AND p.reason <> 'gap' AND (p.is_open OR p.resolution LIKE 'discard%')
      AND (b.handled IS NULL OR p.version <= b.handled)
    GROUP BY m.name, p.topic, p.part
"""
"""Only facts from the logs: a parked foreign record is not missing in a read model."""

P1 = Check(
    "P1",
    "Each consumer has recorded all messages before its offset; each read model has applied each fact once.",
    """
    SELECT count(*) FROM log l JOIN read_model_type m USING (type)
    JOIN seen s ON s.stream_id = l.stream_id AND s.grp = 'projections.' || m.name WHERE l.version <= s.version
    """,
    (
        ViolationQuery(
            "passed over, and not noted",
            """
            SELECT p.service, p.grp, r.topic, r.part, r.stream_id, max(r.version) AS version,
                   coalesce(s.version, 0) AS noted
            FROM place_now p
            JOIN record r ON r.topic = p.topic AND r.part = p.part AND r.off < p.next_offset
              AND r.kind <> 'unreadable'
            JOIN log l ON l.stream_id = r.stream_id AND l.version = r.version
            LEFT JOIN seen s ON s.stream_id = r.stream_id AND s.grp = p.grp AND s.service = p.service
            WHERE NOT EXISTS (SELECT 1 FROM parked k WHERE k.grp = p.grp AND k.stream_id = r.stream_id
                              AND k.reason = 'gap' AND k.is_open)
              AND (NOT EXISTS (SELECT 1 FROM taken_family t WHERE t.grp = p.grp)
                   OR EXISTS (SELECT 1 FROM taken_family t
                              WHERE t.grp = p.grp AND t.family = family_of(l.type)))
            GROUP BY p.service, p.grp, r.stream_id HAVING coalesce(s.version, 0) < max(r.version)
            """,
        ),
        ViolationQuery(
            "applied more or less than once",
            f"""
            WITH wanted AS (
                SELECT m.name, l.topic, partition_of(l.key, p.parts) AS part, count(*) AS facts
                FROM log l JOIN read_model_type m USING (type)
                JOIN seen s ON s.stream_id = l.stream_id AND s.grp = 'projections.' || m.name
                    AND s.service = 'projections'
                LEFT JOIN behind b ON b.grp = 'projections.' || m.name AND b.stream_id = l.stream_id
                JOIN (SELECT topic, max(parts) AS parts FROM part GROUP BY topic) p ON p.topic = l.topic
                WHERE l.kind = 'fact' AND l.version <= coalesce(b.handled, s.version)
                GROUP BY m.name, l.topic, part
            ), aside AS ({SET_ASIDE}), sides AS (
                SELECT name, topic, part FROM wanted UNION SELECT name, topic, part FROM read_model
            )
            SELECT s.name, s.topic, s.part, coalesce(a.applied_count, 0) AS applied,
                   coalesce(w.facts, 0) - coalesce(x.facts, 0) AS wanted, coalesce(x.facts, 0) AS set_aside
            FROM sides s LEFT JOIN wanted w USING (name, topic, part)
            LEFT JOIN read_model a USING (name, topic, part) LEFT JOIN aside x USING (name, topic, part)
            WHERE applied <> wanted AND s.name IN (SELECT name FROM read_model_type)
            """,  # noqa: S608  # a constant
        ),
        ViolationQuery(
            "applied beyond what was read",
            """
            SELECT m.name, m.topic, m.part, m.last_offset, p.next_offset FROM read_model m
            JOIN place_now p ON p.topic = m.topic AND p.part = m.part AND p.grp = 'projections.' || m.name
            WHERE m.last_offset >= p.next_offset
            """,
        ),
    ),
)

TAKEN_IN = """
    SELECT l.stream_id, l.version, l.type FROM log l
    JOIN seen s ON s.stream_id = l.stream_id AND s.grp = 'projections.products' AND s.service = 'projections'
    WHERE l.version <= s.version
"""
OF_ORDERS = f"""
    SELECT o.tenant, o.currency, l.product_id, sum(l.amount) AS amount FROM orders o
    JOIN order_line l USING (order_id)
    WHERE l.product_id IS NOT NULL AND o.order_id IN (
        SELECT stream_id FROM ({TAKEN_IN})
        WHERE type IN ('order.paid', 'order.fulfilled', 'order.partially_fulfilled'))
    GROUP BY o.tenant, o.currency, l.product_id
    UNION ALL
    SELECT o.tenant, o.currency, l.product_id, -sum(g.amount) FROM given_back g
    JOIN ({TAKEN_IN}) t ON t.stream_id = g.order_id AND t.version = g.version
    JOIN orders o USING (order_id) JOIN order_line l ON l.order_id = g.order_id AND l.line_id = g.line_id
    GROUP BY o.tenant, o.currency, l.product_id
"""  # noqa: S608  # a constant
LACKED = """
    SELECT l.product_id FROM parked p JOIN order_line l ON l.order_id = p.stream_id
    WHERE p.service = 'projections' AND (p.is_open OR p.resolution LIKE 'discard%')
      AND l.product_id IS NOT NULL
"""
"""Products of orders with a parked or discarded fact."""

P3 = Check(
    "P3",
    "A product's revenue is the sum of its order lines less their refunds.",
    "SELECT count(*) FROM product_revenue",
    (
        ViolationQuery(
            "the read model of products says another sum than the orders",
            f"""
            WITH wanted AS (
                SELECT tenant, currency, product_id, sum(amount) AS amount FROM ({OF_ORDERS})
                GROUP BY tenant, currency, product_id
            ), sides AS (
                SELECT tenant, currency, product_id FROM wanted
                UNION SELECT tenant, currency, product_id FROM product_revenue
            )
            SELECT tenant, currency, product_id, coalesce(r.revenue, 0) AS shown,
                   coalesce(w.amount, 0) AS of_orders
            FROM sides LEFT JOIN product_revenue r USING (tenant, currency, product_id)
            LEFT JOIN wanted w USING (tenant, currency, product_id)
            WHERE shown <> of_orders AND product_id NOT IN ({LACKED})
            """,  # noqa: S608  # constants
        ),
    ),
)

CHECKS = (P1, P3)
