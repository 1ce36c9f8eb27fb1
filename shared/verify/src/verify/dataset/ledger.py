"""Copy the simulated gateway's ledger, which is independent of the services."""

from __future__ import annotations

from verify.dataset.consistent_reads import PAGE, consistent_read
from verify.dataset.dataset import Dataset

PAYMENTS = """
    SELECT merchant, payment_id::text, checkout_id::text, status, currency, authorized, captured, refunded
    FROM payment
"""
OPERATIONS = """
    SELECT merchant, key, operation, payment_id::text, number, status, code, amount, currency, reference
    FROM operation WHERE number IS NOT NULL
"""
DISPUTES = """
    SELECT merchant, dispute_id::text, payment_id::text, status, amount, currency FROM dispute
"""
FEES = "SELECT merchant, reference, amount, currency FROM fee"


async def copy_ledger(url: str, into: Dataset, page: int = PAGE) -> None:
    async with consistent_read("gateway", url, page) as source:
        async for rows in source.pages(PAYMENTS):
            into.add("payment", rows)
        async for rows in source.pages(OPERATIONS):
            into.add("operation", rows)
        async for rows in source.pages(DISPUTES):
            into.add("dispute", rows)
        async for rows in source.pages(FEES):
            into.add("fee", rows)
