"""Money: orders against the gateway's ledger."""

from verify.check import Check, ViolationQuery

SETTLED = "(SELECT value FROM horizon WHERE name = 'settled')"

M1 = Check(
    "M1",
    "Every capture has a valid order, or is refunded in full.",
    "SELECT count(*) FROM capture",
    (
        ViolationQuery(
            "captured for an unknown checkout",
            """
            SELECT c.merchant AS tenant, c.payment_id, c.checkout_id, c.amount, c.currency FROM capture c
            WHERE NOT EXISTS (SELECT 1 FROM checkout k WHERE k.checkout_id = c.checkout_id)
            """,
        ),
        ViolationQuery(
            "captured, no order, and not given back",
            """
            SELECT c.merchant AS tenant, c.payment_id, c.checkout_id, c.amount, c.currency, j.ended,
                   coalesce(f.amount, 0) AS refunded
            FROM capture c JOIN judged j USING (checkout_id)
            LEFT JOIN refund f ON f.payment_id = c.payment_id AND f.merchant = c.merchant
            WHERE coalesce(f.amount, 0) <> c.amount AND (j.ended = 'failed' OR NOT EXISTS (
                SELECT 1 FROM orders o WHERE o.payment_id = c.payment_id AND o.checkout_id = c.checkout_id))
            """,
        ),
    ),
    needs_ledger=True,
)

M2 = Check(
    "M2",
    "A payment is captured at most once, for no more than was authorized; a checkout pays once.",
    "SELECT count(DISTINCT payment_id) FROM capture",
    (
        ViolationQuery(
            "captured more than once",
            """
            SELECT merchant AS tenant, payment_id, count(*) AS captures, sum(amount) AS amount, currency
            FROM capture GROUP BY merchant, payment_id HAVING count(*) > 1
            """,
        ),
        ViolationQuery(
            "several payments captured for one checkout",
            """
            SELECT merchant AS tenant, checkout_id, count(DISTINCT payment_id) AS payments FROM capture
            WHERE checkout_id IS NOT NULL GROUP BY merchant, checkout_id HAVING count(DISTINCT payment_id) > 1
            """,
        ),
        ViolationQuery(
            "captured beyond its authorization",
            """
            SELECT c.merchant AS tenant, c.payment_id, c.amount, c.currency, a.amount AS authorized,
                   a.currency AS authorized_currency
            FROM capture c LEFT JOIN (
                SELECT merchant, payment_id, max(amount) AS amount, max(currency) AS currency FROM operation
                WHERE operation IN ('authorize', 'confirm') AND status IN ('authorized', 'requires_action')
                GROUP BY merchant, payment_id) a USING (merchant, payment_id)
            WHERE a.amount IS NULL OR c.amount > a.amount OR c.currency <> a.currency
            """,
        ),
    ),
    needs_ledger=True,
)

M3 = Check(
    "M3",
    "Every valid order has its capture, of its total and currency; free orders need none.",
    "SELECT count(*) FROM orders WHERE checkout_id IN (SELECT checkout_id FROM judged)",
    (
        ViolationQuery(
            "a standing order without its capture",
            """
            SELECT o.tenant, o.order_id, o.checkout_id, o.payment_id, o.total, o.currency,
                c.amount AS captured
            FROM orders o JOIN judged j USING (checkout_id)
            LEFT JOIN capture c ON c.payment_id = o.payment_id AND c.merchant = o.tenant
            WHERE j.ended = 'completed' AND o.total > 0
              AND (c.amount IS NULL OR c.amount <> o.total OR c.currency <> o.currency)
            """,
        ),
        ViolationQuery(
            "an order of a failed checkout that was not cancelled",
            """
            SELECT o.tenant, o.order_id, o.checkout_id, o.total, o.currency FROM orders o
            JOIN judged j USING (checkout_id) JOIN order_money m USING (order_id)
            WHERE j.ended = 'failed' AND NOT m.cancelled
            """,
        ),
        ViolationQuery(
            "paid, says the order, and the gateway does not",
            f"""
            SELECT l.tenant, l.stream_id AS order_id, json_extract(l.body, '$.amount') AS amount
            FROM log l JOIN orders o ON o.order_id = l.stream_id
            WHERE l.type = 'order.paid' AND l.position <= {SETTLED}
              AND NOT EXISTS (SELECT 1 FROM capture c WHERE c.payment_id = o.payment_id)
            """,  # noqa: S608  # a constant
        ),
        ViolationQuery(
            "handed over before it was paid for",
            """
            SELECT o.tenant, o.order_id, o.checkout_id, o.total, o.currency FROM orders o
            JOIN log l ON l.stream_id = o.order_id
                AND l.type IN ('order.fulfilled', 'order.partially_fulfilled')
            WHERE o.total > 0 AND NOT EXISTS (
                SELECT 1 FROM log p WHERE p.stream_id = l.stream_id AND p.version < l.version
                AND p.type = 'order.paid')
            """,
        ),
    ),
    needs_ledger=True,
)

M4 = Check(
    "M4",
    "No payment is both captured and voided, and a checkout that has ended leaves nothing held.",
    "SELECT count(*) FROM payment",
    (
        ViolationQuery(
            "captured and voided",
            """
            SELECT DISTINCT c.merchant AS tenant, c.payment_id, c.checkout_id, c.amount, c.currency
                FROM capture c
            JOIN operation v ON v.payment_id = c.payment_id AND v.merchant = c.merchant
            WHERE v.operation = 'void' AND v.status = 'voided'
            """,
        ),
        ViolationQuery(
            "still held, though its checkout has ended",
            """
            SELECT p.merchant AS tenant, p.payment_id, p.checkout_id, p.status, p.authorized, p.currency,
                j.ended
            FROM payment p JOIN judged j ON j.checkout_id = p.checkout_id
            WHERE p.status IN ('authorized', 'requires_action')
            """,
        ),
    ),
    needs_ledger=True,
)

M5 = Check(
    "M5",
    "No more is refunded than was captured.",
    "SELECT count(*) FROM refund",
    (
        ViolationQuery(
            "given back beyond the capture",
            """
            SELECT f.merchant AS tenant, f.payment_id, f.amount AS refunded, f.currency, c.amount AS captured
            FROM refund f LEFT JOIN (
                SELECT merchant, payment_id, currency, sum(amount) AS amount FROM capture
                GROUP BY merchant, payment_id, currency) c USING (merchant, payment_id, currency)
            WHERE f.amount > coalesce(c.amount, 0)
            """,
        ),
    ),
    needs_ledger=True,
)

CHECKS = (M1, M2, M3, M4, M5)
