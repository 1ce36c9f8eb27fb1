"""Reconciliation of recorded payments with the gateway's ledger."""

from verify.check import Check, ViolationQuery

SETTLED = "(SELECT value FROM horizon WHERE name = 'settled')"
DONE = "status IN ('authorized', 'captured', 'voided', 'refunded')"
BY_CUSTOMER = "o.key LIKE 'act:%'"
"""The customer has acted at the gateway, or paid at a bank: what is recorded here has the authorization's
key."""

OF_JUDGED = """
    SELECT o.tenant, o.currency, sum(m.paid - m.refunded) AS shop FROM orders o
    JOIN order_money m USING (order_id) JOIN judged j USING (checkout_id)
    WHERE NOT m.refunding AND NOT m.paid_outside GROUP BY o.tenant, o.currency
"""
AT_GATEWAY = """
    SELECT p.merchant AS tenant, p.currency, sum(p.captured - p.refunded) AS gateway FROM payment p
    JOIN judged j USING (checkout_id) LEFT JOIN orders o USING (checkout_id) LEFT
        JOIN order_money m USING (order_id)
    WHERE NOT coalesce(m.refunding OR m.paid_outside, 0) AND p.currency IS NOT NULL
    GROUP BY p.merchant, p.currency
"""

M6 = Check(
    "M6",
    "Recorded payments equal the gateway's ledger, in sum by tenant and currency, and by key.",
    "SELECT count(*) FROM operation WHERE status IN ('authorized', 'captured', 'voided', 'refunded')",
    (
        ViolationQuery(
            "the sums differ",
            f"""
            WITH shop AS ({OF_JUDGED}), gateway AS ({AT_GATEWAY}),
                 sides AS (SELECT tenant, currency FROM shop UNION SELECT tenant, currency FROM gateway)
            SELECT tenant, currency, coalesce(shop, 0) AS shop, coalesce(gateway, 0) AS gateway FROM sides
            LEFT JOIN shop USING (tenant, currency) LEFT JOIN gateway USING (tenant, currency)
            WHERE coalesce(shop, 0) <> coalesce(gateway, 0)
            """,  # noqa: S608  # constants
        ),
        ViolationQuery(
            "the gateway's payment is not the sum of what it did",
            """
            SELECT p.merchant AS tenant, p.payment_id, p.captured, p.refunded,
                   coalesce(sum(o.amount * (o.operation = 'capture')), 0) AS captures,
                   coalesce(sum(o.amount * (o.operation = 'refund')), 0) AS refunds
            FROM payment p LEFT JOIN operation o ON o.payment_id = p.payment_id AND o.merchant = p.merchant
              AND o.status IN ('captured', 'refunded')
            GROUP BY p.merchant, p.payment_id HAVING p.captured <> captures OR p.refunded <> refunds
            """,
        ),
        ViolationQuery(
            "recorded here, and not done there",
            f"""
            SELECT f.tenant, f.type, f.payment_id, f.checkout_id, f.key, f.amount, f.currency
                FROM payment_fact f
            WHERE f.position <= {SETTLED} AND f.checkout_id NOT IN (SELECT checkout_id FROM by_hand)
              AND f.type IN ('payment.authorized', 'payment.captured', 'payment.voided', 'payment.refunded')
              AND NOT EXISTS (SELECT 1 FROM operation o
                  WHERE o.key = f.key AND o.merchant = f.tenant AND o.{DONE})
              AND NOT EXISTS (SELECT 1 FROM operation o
                  WHERE o.payment_id = f.payment_id AND o.merchant = f.tenant AND {BY_CUSTOMER} AND o.{DONE})
            """,  # noqa: S608  # constants
        ),
        ViolationQuery(
            "recorded here, and done otherwise there",
            """
            SELECT f.tenant, f.type, f.payment_id, f.key, f.amount, f.currency, f.reference,
                   o.status AS gateway_status, o.payment_id AS gateway_payment, o.amount AS gateway_amount,
                   o.currency AS gateway_currency, o.reference AS gateway_reference
            FROM payment_fact f JOIN operation o ON o.key = f.key AND o.merchant = f.tenant
              AND o.status <> 'requires_action'
            WHERE f.type IN ('payment.authorized', 'payment.captured', 'payment.voided', 'payment.refunded')
              AND f.checkout_id NOT IN (SELECT checkout_id FROM by_hand)
              AND (o.payment_id <> f.payment_id OR 'payment.' || o.status <> f.type OR o.amount <> f.amount
                   OR coalesce(o.currency, f.currency) <> f.currency OR o.reference IS NOT f.reference)
            """,
        ),
        ViolationQuery(
            "done there, and not recorded here",
            f"""
            SELECT o.merchant AS tenant, o.operation, o.payment_id, p.checkout_id, o.key, o.amount, o.currency
            FROM operation o JOIN payment p ON p.payment_id = o.payment_id AND p.merchant = o.merchant
            JOIN judged j ON j.checkout_id = p.checkout_id
            LEFT JOIN orders r ON r.checkout_id = p.checkout_id LEFT JOIN order_money m USING (order_id)
            WHERE o.{DONE} AND j.checkout_id NOT IN (SELECT checkout_id FROM by_hand)
              AND NOT (o.operation = 'refund' AND coalesce(m.refunding, 0))
              AND NOT (o.operation IN ('authorize', 'confirm') AND p.status = 'voided')
              AND NOT EXISTS (SELECT 1 FROM payment_fact f WHERE f.key = o.key AND f.tenant = o.merchant)
              AND NOT ({BY_CUSTOMER} AND EXISTS (SELECT 1 FROM payment_fact f
                  WHERE f.payment_id = o.payment_id AND f.tenant = o.merchant AND f.amount = o.amount
                    AND f.type = 'payment.' || o.status))
            """,  # noqa: S608  # constants
        ),
        ViolationQuery(
            "given back there after an operator had said how it ended, and not known here",
            f"""
            SELECT o.merchant AS tenant, r.stream_id AS order_id, o.payment_id, o.key, o.amount, o.currency,
                   o.reference
            FROM log r JOIN orders s ON s.order_id = r.stream_id
            JOIN operation o ON o.merchant = r.tenant AND o.payment_id = s.payment_id
              AND o.key LIKE s.checkout_id || ':refund:' || json_extract(r.body, '$.refund_id') || ':%'
            WHERE r.type = 'order.refund_resolved' AND r.position <= {SETTLED} AND o.status = 'refunded'
              AND NOT EXISTS (SELECT 1 FROM payment_fact f
                  WHERE f.key = o.key AND f.tenant = o.merchant AND f.reference IS o.reference)
              AND NOT EXISTS (SELECT 1 FROM log t WHERE t.stream_id = r.stream_id
                  AND t.type = 'order.refund_paid_twice'
                  AND json_extract(t.body, '$.reference') = o.reference)
              AND NOT EXISTS (SELECT 1 FROM timer t WHERE t.kind = 'refund_order'
                  AND t.subject = json_extract(r.body, '$.refund_id'))
            """,  # noqa: S608  # a constant
        ),
    ),
    needs_ledger=True,
)

CHECKS = (M6,)
