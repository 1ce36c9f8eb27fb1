"""Count expired locks by the committed facts: a unit of work may run several times before it is committed."""

from __future__ import annotations

import structlog

from cart.carts.use_cases.cart_access import LOCK_EXPIRED
from contracts import cart as facts
from contracts.registry import MessageRegistry
from kernel.observability.metrics.declaring import Part, counter
from kernel.store.changes import Changes
from kernel.store.upcasting import read_fact

LOG = structlog.get_logger()
LOCKS_EXPIRED = counter(
    Part.PROCESS, "feira_cart_locks_expired", "Carts that were unlocked because their lock had expired"
)


def count_expired_locks(changes: Changes, messages: MessageRegistry) -> None:
    """A hook for after the commit."""
    for row in changes.rows:
        if row.type != facts.Unlocked.TYPE:
            continue
        origin = row.stream_id, row.version, row.recorded_at
        fact = read_fact(row.type, row.schema_version, row.body, *origin, messages)
        if isinstance(fact, facts.Unlocked) and fact.reason == LOCK_EXPIRED:
            LOCKS_EXPIRED.inc()
            LOG.warning("cart_lock_expired", cart_id=str(row.stream_id), checkout_id=str(fact.process_id))
