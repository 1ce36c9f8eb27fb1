"""Idempotency keys: one effect per key, here and at the gateway."""

from verify.check import Check, ViolationQuery

I1 = Check(
    "I1",
    "One effect for each idempotency key: one checkout, one order, one entry for each payment operation.",
    """
    SELECT (SELECT count(*) FROM idempotency) + (SELECT count(*) FROM orders) + (SELECT count(*)
        FROM payment_fact)
    """,
    (
        ViolationQuery(
            "a key whose checkout was never recorded",
            """
            SELECT i.tenant, i.route, i.subject FROM idempotency i
            WHERE NOT EXISTS (SELECT 1 FROM log l WHERE l.stream_id = i.subject AND l.tenant = i.tenant)
            """,
        ),
        ViolationQuery(
            "one checkout under several keys",
            """
            SELECT tenant, subject, count(*) AS keys FROM idempotency
            GROUP BY tenant, subject HAVING count(*) > 1
            """,
        ),
        ViolationQuery(
            "several orders of one checkout",
            """
            SELECT tenant, checkout_id, count(*) AS orders FROM orders
            GROUP BY tenant, checkout_id HAVING count(*) > 1
            """,
        ),
        ViolationQuery(
            "one cart sold by several checkouts",
            """
            SELECT tenant, cart_id, count(*) AS checkouts FROM checkout
            WHERE ended = 'completed' AND NOT is_upsell
            GROUP BY tenant, cart_id HAVING count(*) > 1
            """,
        ),
        ViolationQuery(
            "one key of the gateway recorded more than once",
            """
            SELECT tenant, type, key, count(*) AS facts FROM payment_fact
            WHERE type IN ('payment.authorized', 'payment.captured', 'payment.voided', 'payment.refunded')
            GROUP BY tenant, type, key HAVING count(*) > 1
            """,
        ),
    ),
)

CHECKS = (I1,)
