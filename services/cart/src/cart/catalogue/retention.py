"""Delete what the copy had long ago: it is read only to show a cart as it was."""

from __future__ import annotations

from datetime import timedelta

from cart.catalogue.excerpt_statement import COLUMNS
from kernel.postgres.retention import Rule

KEEP = timedelta(days=400)
DELETE = """
    DELETE FROM {table}_history WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM {table}_history WHERE valid_to < feira_now() - $1::interval LIMIT $2))
"""


def delete_history() -> list[Rule]:
    return [Rule(f"history of {table}", KEEP, DELETE.format(table=table)) for table in COLUMNS]
