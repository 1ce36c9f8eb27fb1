"""The money ledger, a read model: against the facts, and against the gateway's own ledger."""

from verify.check import Check, ViolationQuery

L1 = Check(
    "L1",
    "What a fact posts to the ledger adds up to 0, so each tenant's books balance after every fact.",
    "SELECT count(*) FROM ledger_entry",
    (
        ViolationQuery(
            "debits and credits differ",
            """
            SELECT tenant, stream_id, version, type, currency, sum(amount) AS off_by FROM ledger_entry
            GROUP BY tenant, stream_id, version, currency HAVING off_by <> 0
            """,
        ),
        ViolationQuery(
            "posted for a fact that is in no log, or for another tenant",
            """
            SELECT e.tenant, e.stream_id, e.version, e.type, e.currency, sum(abs(e.amount)) AS amount
            FROM ledger_entry e WHERE NOT EXISTS (SELECT 1 FROM log l WHERE l.stream_id = e.stream_id
                AND l.version = e.version AND l.tenant = e.tenant)
            GROUP BY e.tenant, e.stream_id, e.version, e.currency
            """,
        ),
    ),
)

L2 = Check(
    "L2",
    "The ledger's holds and refunds payable are the live and the open ones; at rest clearing is 0.",
    "SELECT count(*) FROM booked",
    (
        ViolationQuery(
            "the holds are not the live authorizations",
            """
            SELECT b.tenant, b.checkout_id, coalesce(a.amount, 0) AS authorized,
                   coalesce(sum(l.amount * (l.account LIKE 'holds.%')), 0) AS holds,
                   coalesce(sum(l.amount * (l.account = 'holds_owed')), 0) AS holds_owed
            FROM booked b LEFT JOIN live_authorization a USING (checkout_id)
            LEFT JOIN ledger_balance l USING (checkout_id)
            GROUP BY b.checkout_id HAVING holds <> authorized OR holds_owed <> -authorized
            """,
        ),
        ViolationQuery(
            "the refunds payable are not the open refunds",
            """
            SELECT b.tenant, b.checkout_id, coalesce(r.amount, 0) AS open_refunds,
                   -coalesce(sum(l.amount * (l.account = 'refunds_payable')), 0) AS payable
            FROM booked b LEFT JOIN open_refund r USING (checkout_id)
            LEFT JOIN ledger_balance l USING (checkout_id)
            GROUP BY b.checkout_id HAVING payable <> open_refunds
            """,
        ),
        ViolationQuery(
            "money in clearing, though its checkout has ended",
            """
            SELECT l.tenant, l.checkout_id, l.amount, l.currency, j.ended FROM ledger_balance l
            JOIN booked USING (checkout_id) JOIN judged j USING (checkout_id)
            WHERE l.account = 'clearing' AND l.amount <> 0
            """,
        ),
    ),
)

L3 = Check(
    "L3",
    "At rest the gateway's account in the ledger is what the gateway itself has of us.",
    "SELECT count(*) FROM booked JOIN judged USING (checkout_id)",
    (
        ViolationQuery(
            "the ledger has another balance at the gateway than the gateway",
            """
            WITH there AS (
                SELECT checkout_id, merchant, sum(captured - refunded) AS amount FROM payment
                GROUP BY checkout_id, merchant)
            SELECT b.tenant, b.checkout_id, coalesce(t.amount, 0) AS at_gateway,
                   coalesce(sum(l.amount * (l.account LIKE 'gateway.%')), 0)
                       - coalesce(d.amount, 0) AS in_ledger
            FROM booked b JOIN judged j USING (checkout_id)
            LEFT JOIN there t ON t.checkout_id = b.checkout_id AND t.merchant = b.tenant
            LEFT JOIN ledger_balance l ON l.checkout_id = b.checkout_id
            LEFT JOIN disputed_balance d ON d.checkout_id = b.checkout_id
            LEFT JOIN orders o ON o.checkout_id = b.checkout_id
            LEFT JOIN order_money m ON m.order_id = o.order_id
            WHERE b.checkout_id NOT IN (SELECT checkout_id FROM by_hand) AND NOT coalesce(m.refunding, 0)
            GROUP BY b.checkout_id HAVING in_ledger <> at_gateway
            """,
        ),
        ViolationQuery(
            "a recorded dispute that the gateway has not, or that ended otherwise there",
            """
            SELECT l.tenant, l.stream_id AS payment_id, l.type,
                   json_extract(l.body, '$.dispute_id') AS dispute_id,
                   json_extract(l.body, '$.amount') AS amount, d.amount AS at_gateway, d.status
            FROM log l LEFT JOIN dispute d ON d.merchant = l.tenant AND d.payment_id = l.stream_id
                AND d.dispute_id = json_extract(l.body, '$.dispute_id')
            WHERE l.type IN ('payment.dispute_opened', 'payment.dispute_closed')
              AND json_extract(l.body, '$.gateway') = 'simulated'
              AND l.position <= (SELECT value FROM horizon WHERE name = 'settled')
              AND (d.dispute_id IS NULL OR d.amount <> json_extract(l.body, '$.amount')
                   OR (l.type = 'payment.dispute_closed' AND d.status <> json_extract(l.body, '$.outcome')))
            """,
        ),
        ViolationQuery(
            "a recorded fee that the gateway has not charged",
            """
            SELECT l.tenant, json_extract(l.body, '$.reference') AS reference,
                   json_extract(l.body, '$.amount') AS amount, f.amount AS at_gateway
            FROM log l LEFT JOIN fee f ON f.merchant = l.tenant
                AND f.reference = json_extract(l.body, '$.reference')
                AND f.currency = json_extract(l.body, '$.currency')
            WHERE l.type = 'provider.fee_charged' AND json_extract(l.body, '$.gateway') = 'simulated'
              AND l.position <= (SELECT value FROM horizon WHERE name = 'settled')
              AND f.amount IS NOT json_extract(l.body, '$.amount')
            """,
        ),
    ),
    needs_ledger=True,
)

CHECKS = (L1, L2, L3)
