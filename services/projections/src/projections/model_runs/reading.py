"""Read the sales of a shop before today, with a limit of time, row by row: not all of them twice in
memory."""

from __future__ import annotations

from array import array
from datetime import date

import numpy as np

from kernel.postgres.service_pool import ServicePool
from projections.model_runs.sales import Sales

SALES = """
    SELECT customer_id, day - date '1970-01-01' AS day,
           sum(orders)::bigint AS orders, sum(gross)::bigint AS gross, sum(refunded)::bigint AS refunded
    FROM sales WHERE tenant = $1 AND currency = $2 AND day < $3
    GROUP BY customer_id, day ORDER BY customer_id COLLATE "C", day
"""
STATEMENT_LIMIT = "SET LOCAL statement_timeout = '300s'"
AT_ONCE = 10_000


# failpoint: none needed (read-only), 2 calls
async def read_sales(pool: ServicePool, tenant: str, currency: str, today: date) -> Sales:
    customers: list[str] = []
    values = array("q")
    async with pool.acquire() as connection, connection.transaction(readonly=True):
        await connection.execute(STATEMENT_LIMIT)
        async for row in connection.cursor(SALES, tenant, currency, today, prefetch=AT_ONCE):
            customer, day, orders, gross, refunded = row
            if not customers or customers[-1] != customer:
                customers.append(customer)
            values.extend((len(customers) - 1, day, orders, gross, refunded))
    columns = np.frombuffer(values, dtype=np.int64).reshape(-1, 5).T
    return Sales(customers, *columns)
