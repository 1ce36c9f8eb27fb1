"""The products whose open carts are to be repriced: rows of the table ``repricing``."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from contracts import product
from kernel.messaging.inbound import InboundMessage
from kernel.store.writing import Connection, columns

PRICE_CHANGES = (product.Changed, product.Activated)
"""An archived product keeps its price in the carts; when it is activated again the price may differ."""
FIRST_CART = UUID(int=0)
UPSERT_REQUESTS = """
    INSERT INTO repricing
    SELECT * FROM unnest(
        $1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
    ON CONFLICT (tenant, product_id) DO UPDATE
    SET after_cart = excluded.after_cart, correlation_id = excluded.correlation_id,
        causation_id = excluded.causation_id, traceparent = excluded.traceparent,
        occurred_at = excluded.occurred_at
"""


# failpoint: none needed (consumer-batch)
async def request_repricing(connection: Connection, batch: Sequence[InboundMessage]) -> None:
    """Within the transaction that changes the catalogue's projection: one row per product, with its last
    change as the cause. A product created in the same batch is left out, because no cart can hold it yet."""
    created = {(it.tenant, it.stream_id) for it in batch if isinstance(it.fact(), product.Created)}
    rows = {
        (it.tenant, it.stream_id): (
            *(it.tenant, it.stream_id, FIRST_CART),
            *(it.correlation_id, str(it.message_id), it.traceparent, it.occurred_at),
        )
        for it in batch
        if isinstance(it.fact(), PRICE_CHANGES) and (it.tenant, it.stream_id) not in created
    }
    if rows:
        await connection.execute(UPSERT_REQUESTS, *columns(rows[key] for key in sorted(rows)))
