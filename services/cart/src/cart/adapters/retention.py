"""Forget under which names carts were listed, some time after they have ended."""

from __future__ import annotations

from datetime import timedelta

from contracts import cart
from kernel.retention import SMALLEST_UUID7, Rule

ENDS = f"'{cart.Converted.TYPE}', '{cart.Expired.TYPE}'"
FORGET_NAMES = f"""
    WITH old AS (
        SELECT tenant, kind, value FROM claims
        WHERE kind IN ('session_cart', 'customer_cart') AND holder < {SMALLEST_UUID7}
          AND EXISTS (SELECT FROM log WHERE stream_id = holder AND type IN ({ENDS})
                      AND recorded_at < feira_now() - $1::interval)
        LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    DELETE FROM claims c USING old WHERE (c.tenant, c.kind, c.value) = (old.tenant, old.kind, old.value)
"""  # noqa: S608  # constants


def index_keys_of_ended_carts(keep: timedelta) -> Rule:
    """The cart itself stays, and can be read by its id."""
    return Rule("names of ended carts", keep, FORGET_NAMES)
