"""Stock: units are conserved and not oversold; sales match orders and reservations."""

import json
from collections.abc import Iterator

from verify.check import Check, Row, ViolationQuery
from verify.checks.stock_replay import StockReplay
from verify.dataset.dataset import Dataset
from verify.replays import replays

GRACE_SECONDS = 60
FACTS = """
    SELECT stream_id, tenant, position, type, body FROM log
    WHERE type LIKE 'stock.%' AND type <> 'stock.reservation_refused' ORDER BY stream_id, version
"""


def conservation(dataset: Dataset) -> Iterator[Row]:
    for row, stock in replays(dataset, FACTS, StockReplay):
        fact = json.loads(row["body"])
        if wrong := stock.apply(row["type"], fact):
            yield {
                "wrong": wrong,
                "tenant": row["tenant"],
                "product_id": fact.get("product_id"),
                "stream_id": row["stream_id"],
                "position": row["position"],
                "type": row["type"],
                "checkout_id": fact.get("checkout_id"),
                "quantity": fact.get("quantity"),
                "on_hand": stock.on_hand,
                "reserved": sum(stock.holds.values()),
            }


K1 = Check(
    "K1",
    "Units on hand are those counted and received less those sold; no more are reserved than exist.",
    "SELECT count(*) FROM log WHERE type LIKE 'stock.%' AND type <> 'stock.reservation_refused'",
    (ViolationQuery("units that do not add up", conservation),),
)

K2 = Check(
    "K2",
    "Units held and sold by stocks equal those of the reservations, and units sold equal units ordered.",
    "SELECT (SELECT count(*) FROM promised) + (SELECT count(*) FROM ordered)",
    (
        ViolationQuery(
            "the reservation and the stock differ",
            """
            WITH sides AS (SELECT checkout_id, product_id FROM promised UNION
                           SELECT checkout_id, product_id FROM moved)
            SELECT s.checkout_id, s.product_id, coalesce(p.held, 0) AS reservation_holds,
                   coalesce(m.held, 0) AS stock_holds, coalesce(p.sold, 0) AS reservation_sold,
                   coalesce(m.sold, 0) AS stock_sold
            FROM sides s LEFT JOIN promised p USING (checkout_id, product_id)
            LEFT JOIN moved m USING (checkout_id, product_id)
            WHERE coalesce(p.sold, 0) <> coalesce(m.sold, 0)
               OR (coalesce(p.held, 0) <> coalesce(m.held, 0)
                   -- an expired hold may have been released by the next reservation, before its timer
                   AND NOT (coalesce(p.is_over, 0) AND coalesce(m.held, 0) = 0))
            """,
        ),
        ViolationQuery(
            "sold, and not ordered like that",
            """
            SELECT j.tenant, p.checkout_id, p.product_id, p.sold, o.quantity AS ordered,
                   b.quantity AS in_bundles, j.ended
            FROM promised p JOIN judged j USING (checkout_id)
            LEFT JOIN ordered o USING (checkout_id, product_id)
            LEFT JOIN bundled b USING (checkout_id, product_id)
            WHERE p.sold > 0 AND j.checkout_id NOT IN (SELECT checkout_id FROM by_hand)
              AND (j.ended = 'failed' OR p.sold NOT BETWEEN coalesce(o.quantity, 0)
                   AND coalesce(o.quantity, 0) + coalesce(b.quantity, 0))
            """,
        ),
        ViolationQuery(
            "completed, and the stock was never asked to sell",
            """
            SELECT j.tenant, j.checkout_id FROM judged j
            LEFT JOIN reservation r ON r.checkout_id = j.checkout_id
            WHERE j.ended = 'completed' AND NOT coalesce(r.sold, 0)
            """,
        ),
        ViolationQuery(
            "ordered, counted in stock, and not taken from it",
            f"""
            SELECT j.tenant, o.checkout_id, o.product_id, o.quantity AS ordered
            FROM ordered o JOIN judged j USING (checkout_id) JOIN reservation r USING (checkout_id)
            LEFT JOIN promised p USING (checkout_id, product_id)
            WHERE j.ended = 'completed' AND r.sold AND coalesce(p.sold, 0) = 0 AND EXISTS (
                SELECT 1 FROM log l WHERE l.type IN ('stock.adjusted', 'stock.received')
                AND json_extract(l.body, '$.product_id') = o.product_id AND l.tenant = j.tenant
                AND l.recorded_at < r.made_at - {GRACE_SECONDS})
            """,  # noqa: S608  # a constant
        ),
    ),
)

NOW = "(SELECT value FROM horizon WHERE name = 'now')"

K3 = Check(
    "K3",
    "No hold outlives its checkout, or its expiry without a timer that releases it.",
    "SELECT count(*) FROM reservation",
    (
        ViolationQuery(
            "held, though the checkout has ended",
            """
            SELECT r.tenant, r.reservation_id, r.checkout_id, j.ended FROM reservation r
            JOIN judged j USING (checkout_id) JOIN promised p USING (checkout_id)
            WHERE r.live AND p.held > 0 GROUP BY r.reservation_id
            """,
        ),
        ViolationQuery(
            "over, and nothing will end it",
            f"""
            SELECT r.tenant, r.reservation_id, r.checkout_id FROM reservation r
            JOIN promised p USING (checkout_id)
            WHERE r.live AND p.held > 0 AND r.expires_at < {NOW} - {GRACE_SECONDS} AND NOT EXISTS (
                SELECT 1 FROM timer t WHERE t.subject = r.reservation_id AND t.kind = 'reservation_expiry')
            GROUP BY r.reservation_id
            """,  # noqa: S608  # constants
        ),
    ),
)

CHECKS = (K1, K2, K3)
