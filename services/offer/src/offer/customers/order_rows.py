"""The orders of customers: the changes that a batch of facts makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from contracts import order
from kernel.store.erasure_locks import LOCK_NOT_ERASED
from kernel.store.writing import Connection, columns

OrderFact = order.Created | order.Paid | order.Cancelled | order.Fulfilled | order.PartiallyFulfilled
INSERT_ORDERS = """
    INSERT INTO customer_orders
        (tenant, order_id, customer_id, currency, amount, subtotal, product_ids, lines, nets, fulfilled, paid,
         cancelled)
    SELECT tenant, order_id, customer_id, currency, amount, subtotal,
           ARRAY(SELECT DISTINCT value::uuid FROM jsonb_each_text(lines)), lines, nets,
           ARRAY(SELECT jsonb_object_keys(fulfilled)), paid, cancelled
    FROM unnest($1::text[], $2::uuid[], $3::boolean[], $4::boolean[], $5::jsonb[], $6::text[], $7::text[],
                $8::bigint[], $9::bigint[], $10::jsonb[], $11::jsonb[], $12::timestamptz[])
         AS n (tenant, order_id, paid, cancelled, fulfilled, customer_id, currency, amount, subtotal, lines,
               nets, created_at)
    WHERE NOT EXISTS (
        SELECT FROM customers c
        WHERE (c.tenant, c.customer_id) = (n.tenant, n.customer_id)
          AND (c.profile ->> 'erased_at')::timestamptz >= n.created_at
    )
    ON CONFLICT (tenant, order_id) DO NOTHING
"""
"""Without the orders of before the erasure of their customers, which may be read after it."""
UPDATE_ORDERS = """
    UPDATE customer_orders o
    SET paid = o.paid OR n.paid, cancelled = o.cancelled OR n.cancelled,
        fulfilled = ARRAY(SELECT unnest(o.fulfilled) UNION SELECT jsonb_object_keys(n.fulfilled))
    FROM unnest($1::text[], $2::uuid[], $3::boolean[], $4::boolean[], $5::jsonb[])
         AS n (tenant, order_id, paid, cancelled, fulfilled)
    WHERE (o.tenant, o.order_id) = (n.tenant, n.order_id)
"""


@dataclass(slots=True)
class OrderChange:
    """One order's changes in the batch."""

    created: order.Created | None = None
    paid: bool = False
    cancelled: bool = False
    fulfilled: dict[str, bool] = field(default_factory=dict)
    """Ids of lines."""


@dataclass(slots=True)
class OrderRows:
    rows: dict[tuple[str, UUID], OrderChange] = field(default_factory=dict)

    def add(self, tenant: str, fact: OrderFact) -> None:
        row = self.rows.setdefault((tenant, fact.originator_id), OrderChange())
        match fact:
            case order.Created(payment_id=payment_id):
                row.created, row.paid = fact, payment_id is None
            case order.Paid():
                row.paid = True
            case order.Cancelled():
                row.cancelled = True
            case order.Fulfilled(results=results) | order.PartiallyFulfilled(results=results):
                row.fulfilled |= {it.line_id: True for it in results if it.result == order.SUCCESSFUL}

    # failpoint: none needed (consumer-batch), 2 calls
    async def write(self, connection: Connection) -> None:
        changes = sorted(self.rows.items(), key=lambda pair: pair[0])
        new = [
            (
                *(*key, row.paid, row.cancelled, row.fulfilled),
                *(row.created.customer_id, row.created.sale.currency),
                *(row.created.sale.totals.total, row.created.sale.totals.subtotal),
                {line.line_id: str(line.product_id) for line in row.created.sale.lines},
                {line.line_id: line.total - line.tax for line in row.created.sale.lines},
                row.created.timestamp,
            )
            for key, row in changes
            if row.created is not None
        ]
        known = [
            (*key, row.paid, row.cancelled, row.fulfilled) for key, row in changes if row.created is None
        ]
        if new:
            customers = sorted({(key[0], it.created.customer_id) for key, it in changes if it.created})
            await connection.fetch(LOCK_NOT_ERASED, *columns(customers))
            await connection.execute(INSERT_ORDERS, *columns(new))
        if known:
            await connection.execute(UPDATE_ORDERS, *columns(known))
