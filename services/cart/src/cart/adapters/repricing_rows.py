"""Note which products may cost something else by now, so that the open carts that hold them are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from contracts import product
from kernel.messaging.inbound import InboundMessage
from kernel.store.writing import Connection, columns

CHANGES_PRICES = (product.Changed, product.Activated)
"""What is archived keeps its price in the carts; it may have changed when it is sold again."""
FROM_THE_FIRST_CART = UUID(int=0)
NOTE = """
    INSERT INTO repricing
    SELECT * FROM unnest(
        $1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
    ON CONFLICT (tenant, product_id) DO UPDATE
    SET after_cart = excluded.after_cart, correlation_id = excluded.correlation_id,
        causation_id = excluded.causation_id, traceparent = excluded.traceparent,
        occurred_at = excluded.occurred_at
"""


# failpoint: none needed (consumer-batch)
async def note_repricing(connection: Connection, batch: Sequence[InboundMessage]) -> None:
    """In the transaction that changes our copy: one row a product, with its last change as the cause. A
    product that is created in the same batch is left out: no cart can hold it yet."""
    is_new = {(it.tenant, it.stream_id) for it in batch if isinstance(it.fact(), product.Created)}
    rows = {
        (it.tenant, it.stream_id): (
            *(it.tenant, it.stream_id, FROM_THE_FIRST_CART),
            *(it.correlation_id, str(it.message_id), it.traceparent, it.occurred_at),
        )
        for it in batch
        if isinstance(it.fact(), CHANGES_PRICES) and (it.tenant, it.stream_id) not in is_new
    }
    if rows:
        await connection.execute(NOTE, *columns(rows[key] for key in sorted(rows)))
