"""A typical fact, as a row of the log and as bytes for the peers."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from contracts.cart import ItemAdded
from contracts.topics import TOPIC_OF
from kernel import ids
from kernel.store.changes import LogRow

NOW = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def item_added(cart: UUID, version: int = 1) -> ItemAdded:
    return ItemAdded(
        originator_id=cart,
        originator_version=version,
        timestamp=NOW,
        item_id=ids.new_id(),
        product_id=ids.new_id(),
        product_type="configurable",
        sku="MUG-STONEWARE-350-BLUE",
        name="Stoneware mug, 350 ml, cobalt blue",
        quantity=2,
        unit_price=1999,
        options={"colour": "cobalt blue", "size": "350 ml", "engraving": "For Ana"},
    )


BODY = item_added(ids.new_id()).body()
"""About 300 bytes."""


def row(stream: UUID | None = None, version: int = 1, body: bytes = BODY) -> LogRow:
    """One fact of a stream, by default of a new one."""
    stream = stream or ids.new_id()
    return LogRow(
        stream,
        version,
        ids.new_id(),
        "fact",
        "demo",
        TOPIC_OF[ItemAdded.TYPE],
        stream,
        ItemAdded.TYPE,
        ItemAdded.SCHEMA_VERSION,
        body,
        str(stream),
        str(stream),
        "storefront",
        TRACEPARENT,
        NOW,
        None,
    )
