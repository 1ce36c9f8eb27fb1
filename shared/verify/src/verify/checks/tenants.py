"""Tenants: related rows belong to the same tenant."""

from verify.check import Check, ViolationQuery

T1 = Check(
    "T1",
    "Messages, timers, keys, copies and ledger entries have the tenant of their subject.",
    "SELECT (SELECT count(*) FROM log) + (SELECT count(*) FROM belonging) + (SELECT count(*) FROM operation)",
    (
        ViolationQuery(
            "one stream of several tenants",
            """
            SELECT service, stream_id, min(tenant) AS tenant, max(tenant) AS other FROM log
            GROUP BY service, stream_id HAVING min(tenant) <> max(tenant)
            """,
        ),
        ViolationQuery(
            "another tenant than its checkout",
            """
            SELECT l.service, l.position, l.type, l.stream_id, l.tenant, k.checkout_id,
                   k.tenant AS checkout_tenant
            FROM log l JOIN checkout k ON k.checkout_id = l.checkout_id WHERE l.tenant <> k.tenant
            """,
        ),
        ViolationQuery(
            "another tenant than the message that caused it",
            """
            SELECT l.service, l.position, l.type, l.stream_id, l.tenant, c.message_id AS cause,
                   c.tenant AS cause_tenant
            FROM log l JOIN log c ON c.message_id = l.causation_id WHERE l.tenant <> c.tenant
            """,
        ),
        ViolationQuery(
            "another tenant than what it is about",
            """
            SELECT b.service, b.what AS row_of, b.tenant, b.subject, s.tenant AS subject_tenant
            FROM belonging b JOIN stream s ON s.stream_id = b.subject WHERE b.tenant <> s.tenant
            """,
        ),
        ViolationQuery(
            "done at the gateway in another merchant's name",
            """
            SELECT p.merchant, p.payment_id, p.checkout_id, k.tenant FROM payment p
            JOIN checkout k ON k.checkout_id = p.checkout_id WHERE p.merchant <> k.tenant
            """,
        ),
    ),
)

CHECKS = (T1,)
