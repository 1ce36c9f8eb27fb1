"""Invoices: their numbers have no gap, and what an order has sold is invoiced."""

from verify.check import Check, ViolationQuery

I2 = Check(
    "I2",
    "Numbers of invoices run from 1 in each series and year, once each and in the order of issue; each"
    " subscription with a plan has an invoice of its first period.",
    "SELECT count(*) FROM log WHERE type = 'invoice.issued'",
    (
        ViolationQuery(
            "a number that is not the next one of its series and year",
            """
            WITH issued AS (
                SELECT tenant, stream_id, position, json_extract(body, '$.number') AS number
                FROM log WHERE type = 'invoice.issued'
            ), counted AS (
                SELECT tenant, stream_id AS invoice_id, number,
                       row_number() OVER (
                           PARTITION BY tenant, rtrim(number, '0123456789') ORDER BY position) AS expected,
                       CAST(substr(number, length(rtrim(number, '0123456789')) + 1) AS INTEGER) AS found
                FROM issued
            )
            SELECT tenant, invoice_id, number, expected FROM counted WHERE found <> expected
            """,
        ),
        ViolationQuery(
            "an invoice that was issued or paid twice",
            """
            SELECT tenant, stream_id AS invoice_id, type, count(*) AS times FROM log
            WHERE type IN ('invoice.issued', 'invoice.paid') GROUP BY tenant, stream_id, type HAVING times > 1
            """,
        ),
        ViolationQuery(
            "a subscription without an invoice of its first period",
            """
            SELECT s.tenant, s.stream_id AS subscription_id FROM log s
            LEFT JOIN log i ON i.type = 'invoice.issued' AND i.tenant = s.tenant
                AND json_extract(i.body, '$.subscription_id') = s.stream_id
                AND json_extract(i.body, '$.period.number') = json_extract(s.body, '$.period.number')
            WHERE s.type = 'subscription.started' AND i.stream_id IS NULL
            """,
        ),
    ),
)
CHECKS = (I2,)
