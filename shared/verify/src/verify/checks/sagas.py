"""Checkouts: each ends, makes progress, or is flagged for an operator."""

from verify.check import Check, ViolationQuery

GRACE_SECONDS = 60
TRIES_BEFORE_OPERATOR = 8
"""Stated apart from the product: a check that followed it would miss a wrong change. A test compares both."""
NOW = "(SELECT value FROM horizon WHERE name = 'now')"
NOTHING_COMING = """
    k.ended IS NULL
    AND NOT EXISTS (SELECT 1 FROM timer t WHERE t.subject = k.checkout_id AND t.service = 'checkout-saga')
    AND k.checkout_id NOT IN (SELECT checkout_id FROM under_way WHERE checkout_id IS NOT NULL)
    AND k.checkout_id NOT IN (SELECT checkout_id FROM answer_under_way)
    AND k.checkout_id NOT IN (SELECT checkout_id FROM parked_for WHERE checkout_id IS NOT NULL)
"""

S1 = Check(
    "S1",
    "No checkout proceeds past its present deadline before the capture, unless a due timer will stop it.",
    "SELECT count(*) FROM checkout",
    (
        ViolationQuery(
            "past its deadline, and nothing will stop it",
            f"""
            SELECT k.tenant, k.checkout_id, round({NOW} - k.expires_at) AS seconds_late FROM checkout k
            WHERE k.ended IS NULL AND NOT k.taken_back AND NOT k.capturing
              AND k.expires_at < {NOW} - {GRACE_SECONDS} AND NOT EXISTS (
                SELECT 1 FROM timer t WHERE t.subject = k.checkout_id AND t.kind = 'checkout_deadline')
            """,  # noqa: S608  # constants
        ),
    ),
)

S2 = Check(
    "S2",
    "A gateway call that has failed many times is flagged for an operator.",
    "SELECT count(*) FROM timer t JOIN checkout k ON k.checkout_id = t.subject",
    (
        ViolationQuery(
            "retried many times, and not flagged",
            f"""
            SELECT k.tenant, k.checkout_id, t.kind, t.tries FROM timer t
            JOIN checkout k ON k.checkout_id = t.subject
            WHERE t.tries >= {TRIES_BEFORE_OPERATOR} AND NOT k.flagged
            """,  # noqa: S608  # a constant
        ),
    ),
)

S3 = Check(
    "S3",
    "Each open checkout has a timer, a pending command or a pending reply.",
    "SELECT count(*) FROM checkout WHERE ended IS NULL",
    (
        ViolationQuery(
            "open, and nothing will move it on",
            f"SELECT k.tenant, k.checkout_id FROM checkout k WHERE {NOTHING_COMING}",  # noqa: S608  # a constant
        ),
    ),
)

S5 = Check(
    "S5",
    "A failed checkout has compensated every step that may have had an effect, once each, in reverse order.",
    "SELECT count(*) FROM judged WHERE ended = 'failed'",
    (
        ViolationQuery(
            "begun to be taken back, and not finished; or more than once",
            """
            SELECT k.tenant, k.checkout_id, s.step,
                   sum(s.what = 'undoing') AS begun, sum(s.what = 'undone') AS finished
            FROM step s JOIN checkout k USING (checkout_id)
            WHERE k.ended = 'failed' AND s.what IN ('undoing', 'undone')
            GROUP BY k.checkout_id, s.step HAVING finished <> 1 OR begun > 1
            """,
        ),
        ViolationQuery(
            "begun, and never taken back",
            """
            SELECT DISTINCT k.tenant, k.checkout_id, s.step
            FROM step s JOIN checkout k USING (checkout_id)
            WHERE k.ended = 'failed' AND s.what = 'begun'
              AND s.step IN ('lock_cart', 'reserve_stock', 'reserve_promotions')
              AND NOT EXISTS (
                SELECT 1 FROM step u WHERE u.checkout_id = s.checkout_id AND u.step = s.step
                AND u.what IN ('refused', 'undone'))
            """,
        ),
        ViolationQuery(
            "taken back before what was begun behind it",
            """
            WITH undoing AS (
                SELECT u.tenant, u.checkout_id, u.place, u.step,
                       (SELECT min(s.place) FROM step s WHERE s.checkout_id = u.checkout_id
                        AND s.step = u.step AND s.what IN ('begun', 'done')) AS begun_at
                FROM step u WHERE u.what = 'undoing'
            )
            SELECT early.tenant, early.checkout_id, early.step, late.step AS begun_behind_it
            FROM undoing early JOIN undoing late USING (checkout_id)
            WHERE early.place < late.place AND early.begun_at < late.begun_at
            """,
        ),
    ),
)

S6 = Check(
    "S6",
    "A checkout that has ended holds no cart: the cart was unlocked or converted.",
    "SELECT count(*) FROM judged",
    (
        ViolationQuery(
            "held, though the checkout has ended",
            """
            SELECT j.tenant, j.checkout_id, j.cart_id, j.ended FROM judged j
            JOIN log l ON l.stream_id = j.cart_id AND l.checkout_id = j.checkout_id AND l.type = 'cart.locked'
            WHERE NOT EXISTS (SELECT 1 FROM log u WHERE u.stream_id = l.stream_id AND u.version > l.version
                              AND u.type IN ('cart.unlocked', 'cart.converted'))
            """,
        ),
        ViolationQuery(
            "completed, and the cart was never asked to become the order",
            """
            SELECT j.tenant, j.checkout_id, j.cart_id FROM judged j
            WHERE j.ended = 'completed' AND NOT j.is_upsell AND NOT EXISTS (
                SELECT 1 FROM log l WHERE l.checkout_id = j.checkout_id
                AND l.type IN ('cart.converted', 'cart.conversion_refused'))
            """,
        ),
    ),
)

CHECKS = (S1, S2, S3, S5, S6)
