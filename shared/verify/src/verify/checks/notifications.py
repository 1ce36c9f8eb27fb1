"""Notifications: at most one is visible for each attempt, and none is forgotten."""

from verify.check import Check, ViolationQuery

N1 = Check(
    "N1",
    "A message is sent at most once for each request, and recorded before; a pending one has a timer.",
    "SELECT count(*) FROM log WHERE type = 'notification.requested'",
    (
        ViolationQuery(
            "sent without a recorded transfer, or more often than transferred",
            """
            SELECT tenant, stream_id, sum(type = 'notification.requested') AS requests,
                   sum(type = 'notification.sending') AS transfers,
                   sum(type = 'notification.sent') AS sent,
                   sum(type IN ('notification.sent', 'notification.unknown')) AS visible FROM log
            WHERE type LIKE 'notification.%'
            GROUP BY stream_id HAVING (visible > 0 AND transfers = 0) OR sent > requests
            """,
        ),
        ViolationQuery(
            "two messages for one attempt to recover a cart",
            """
            SELECT r.tenant, json_extract(r.body, '$.cart.cart_id') AS cart_id,
                   json_extract(r.body, '$.cart.attempt') AS attempt, count(DISTINCT r.stream_id) AS messages
            FROM log r JOIN log s ON s.stream_id = r.stream_id AND s.type = 'notification.sent'
            WHERE r.type = 'notification.requested' AND cart_id IS NOT NULL
            GROUP BY cart_id, attempt HAVING messages > 1
            """,
        ),
        ViolationQuery(
            "pending, and nothing will send it",
            """
            SELECT r.tenant, r.stream_id FROM log r WHERE r.type = 'notification.requested'
              AND NOT EXISTS (SELECT 1 FROM log e WHERE e.stream_id = r.stream_id AND e.version > r.version
                AND e.type IN ('notification.sent', 'notification.failed', 'notification.unknown',
                               'notification.skipped'))
              AND NOT EXISTS (SELECT 1 FROM timer t
                              WHERE t.subject = r.stream_id AND t.kind = 'send_notification')
            """,
        ),
    ),
)
CHECKS = (N1,)
