"""Delete the unique keys by which carts are listed, some time after the cart has ended."""

from __future__ import annotations

from datetime import timedelta

from contracts import cart
from kernel.postgres.retention import MIN_UUID7, Rule

END_TYPES = f"'{cart.Converted.TYPE}', '{cart.Expired.TYPE}'"
MERGED_AWAY = (
    f"type = '{cart.Merged.TYPE}' AND convert_from(body, 'UTF8')::jsonb ->> 'guest_cart_id' = stream_id::text"
)
"""The surviving cart records the same type."""
YOUNGEST_ID = MIN_UUID7.format("feira_now()")
"""Spares a look at younger carts; by the time that the clock of the stack shows, as the end of a cart."""
DELETE_INDEX_KEYS = f"""
    WITH old AS (
        SELECT tenant, kind, value FROM claims
        WHERE kind IN ('session_cart', 'customer_cart') AND holder < {YOUNGEST_ID}
          AND EXISTS (SELECT FROM log WHERE stream_id = holder AND (type IN ({END_TYPES}) OR {MERGED_AWAY})
                      AND recorded_at < feira_now() - $1::interval)
        LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    DELETE FROM claims c USING old WHERE (c.tenant, c.kind, c.value) = (old.tenant, old.kind, old.value)
"""  # noqa: S608  # constants


def delete_index_keys_of_ended_carts(keep: timedelta) -> Rule:
    """The cart itself stays, and can be read by its id."""
    return Rule("names of ended carts", keep, DELETE_INDEX_KEYS)
