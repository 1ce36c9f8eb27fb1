"""The table of marketing spend."""

from __future__ import annotations

from typing import Any

from kernel import ids
from kernel.http.requests import Money
from kernel.store.writing import Connection
from projections.spend.schemas import Spend, SpendReport

INSERT = """
    INSERT INTO marketing_spend
           (tenant, spend_id, channel, day, currency, amount, recorded_at, recorded_by, known)
    VALUES ($1, $2, $3, $4, $5, $6, feira_now(), $7, (feira_now() AT TIME ZONE 'UTC')::date)
    RETURNING *
"""
PAGE = """
    SELECT DISTINCT ON (day, channel, currency) *
    FROM marketing_spend
    WHERE tenant = $1 AND day >= $2 AND day < $3
      AND ($4::date IS NULL OR day < $4 OR (day = $4 AND (channel, currency) > ($5, $6)))
    ORDER BY day DESC, channel, currency, recorded_at DESC, spend_id DESC
    LIMIT $7
"""


# failpoint: none needed (store-transaction)
async def record(connection: Connection, tenant: str, report: SpendReport, recorder: str) -> Spend:
    amount = report.amount
    row = (tenant, ids.new_id(), report.channel, report.day, amount.currency, amount.amount, recorder)
    return view(await connection.fetchrow(INSERT, *row))


def view(row: Any) -> Spend:
    return Spend(
        spend_id=row["spend_id"],
        channel=row["channel"],
        day=row["day"],
        amount=Money(amount=row["amount"], currency=row["currency"]),
        recorded_at=row["recorded_at"],
    )
