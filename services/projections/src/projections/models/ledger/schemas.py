"""The answers of GET /v1/analytics/ledger."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from kernel.http.requests import Money


class LedgerBalance(BaseModel):
    """``balance`` is ``debit`` less ``credit``; those of all accounts of a currency add up to 0."""

    account: str
    currency: str
    debit: Money
    credit: Money
    balance: Money


class LedgerEntry(BaseModel):
    """What one fact posts to an account: a debit or a credit, the other is 0. ``stream_id`` and ``version``
    name the fact."""

    account: str
    currency: str
    debit: Money
    credit: Money
    type: str
    occurred_at: datetime
    checkout_id: UUID | None
    stream_id: UUID
    version: int
