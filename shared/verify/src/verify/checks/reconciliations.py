"""Reconciliations: each run ends or goes on, and each movement at a provider is noted once."""

from verify.check import Check, ViolationQuery

R1 = Check(
    "R1",
    "Every reconciliation ends or goes on; what a provider has moved is noted once, and resolved once.",
    "SELECT count(*) FROM log WHERE type IN ('reconciliation.started', 'reconciliation.difference_found')",
    (
        ViolationQuery(
            "a run that has not ended, and that nothing goes on with",
            """
            SELECT s.tenant, s.stream_id AS reconciliation_id FROM log s
            WHERE s.type = 'reconciliation.started'
              AND NOT EXISTS (SELECT 1 FROM log c WHERE c.stream_id = s.stream_id AND c.version > s.version)
              AND NOT EXISTS (
                SELECT 1 FROM timer t WHERE t.subject = s.stream_id AND t.kind = 'reconciliation')
            """,
        ),
        ViolationQuery(
            "a movement that is noted twice",
            """
            SELECT tenant, type, json_extract(body, '$.reference') AS reference, count(*) AS times FROM log
            WHERE type IN ('provider.fee_charged', 'provider.paid_out', 'provider.money_found')
            GROUP BY tenant, json_extract(body, '$.account_id'), type, reference HAVING times > 1
            """,
        ),
        ViolationQuery(
            "found money that was returned or assigned more than once",
            """
            SELECT tenant, stream_id AS difference_id, count(*) AS times FROM log
            WHERE type = 'reconciliation.difference_resolved' GROUP BY tenant, stream_id HAVING times > 1
            """,
        ),
    ),
)

CHECKS = (R1,)
