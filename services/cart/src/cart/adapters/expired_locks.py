"""Count the carts that were taken back from checkouts, by the facts that were stored: a unit of work may be
carried out many times before one of its attempts is committed."""

from __future__ import annotations

import structlog
from prometheus_client import Counter

from cart.application.release_expired_lock import REASON
from contracts import cart as facts
from contracts.topics import MESSAGES
from kernel.store.changes import Changes
from kernel.store.upcasting import read_fact

LOG = structlog.get_logger()
LOCKS_EXPIRED = Counter("feira_cart_locks_expired", "Carts taken back from checkouts that took too long")


def count_lapsed_locks(save: Changes) -> None:
    """To be told of what has been committed."""
    for row in save.rows:
        if row.type != facts.Unlocked.TYPE:
            continue
        where = row.stream_id, row.version, row.recorded_at
        fact = read_fact(row.type, row.schema_version, row.body, *where, MESSAGES)
        if isinstance(fact, facts.Unlocked) and fact.reason == REASON:
            LOCKS_EXPIRED.inc()
            LOG.warning("cart_lock_expired", cart_id=str(row.stream_id), checkout_id=str(fact.process_id))
