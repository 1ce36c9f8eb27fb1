"""Count and log what a sync of carts has done, by the facts that were committed."""

from __future__ import annotations

import structlog

from contracts import cart_sync as facts
from contracts.registry import MessageRegistry
from kernel.observability.metrics.declaring import Part, counter
from kernel.store.changes import Changes
from kernel.store.upcasting import read_fact

LOG = structlog.get_logger()
SYNCED = counter(
    Part.PROCESS,
    "feira_cart_synced",
    "Carts that a sync of prices has looked at, by outcome",
    ["outcome"],
)


def report_synced_carts(changes: Changes, messages: MessageRegistry) -> None:
    """A hook for after the commit."""
    for row in changes.rows:
        if row.type != facts.PageProcessed.TYPE:
            continue
        origin = row.stream_id, row.version, row.recorded_at
        fact = read_fact(row.type, row.schema_version, row.body, *origin, messages)
        if isinstance(fact, facts.PageProcessed):
            _report(fact)


def _report(page: facts.PageProcessed) -> None:
    unchanged = page.processed - page.updated - len(page.failed)
    for outcome, count in (("updated", page.updated), ("unchanged", unchanged), ("failed", len(page.failed))):
        SYNCED.labels(outcome).inc(count)
    for cart_id in page.failed:
        LOG.error("cart_not_synced", cart_id=str(cart_id), sync_id=str(page.originator_id))
