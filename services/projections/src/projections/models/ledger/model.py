"""The ledger: every movement of money by double entry, one row for each account that a fact posts to.

``pricing.ledger`` has the rule of each fact. An entry has the time at which its fact occurred. Facts of a
payment and of its order are posted independently: what one puts into an account, the other takes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import get_args
from uuid import UUID

from pydantic import BaseModel, Field

from kernel.projections.folding import RowKey
from kernel.projections.rows import RowModel, RowValues
from pricing.ledger.postings import MoneyFact, advance, posting_of
from pricing.ledger.standing import Standing


class Posted(BaseModel):
    version: int
    """Of the fact in its stream."""
    type: str
    occurred_at: datetime
    amounts: dict[str, int]


class Books(BaseModel):
    """Of one payment, of one order, or of one movement at the provider."""

    stream_id: UUID | None = None
    standing: Standing = Field(default_factory=Standing)
    posted: list[Posted] = []


def subject(fact: MoneyFact) -> UUID:
    return fact.originator_id


def fold(books: Books, fact: MoneyFact, occurred_at: datetime, recorded_at: datetime) -> None:  # noqa: ARG001  # as every fold
    amounts = dict(posting_of(fact, books.standing))
    advance(books.standing, fact)
    books.stream_id = fact.originator_id
    if amounts:
        books.posted.append(
            Posted(version=fact.originator_version, type=fact.TYPE, occurred_at=occurred_at, amounts=amounts)
        )


def rows(books: Books) -> Mapping[RowKey, RowValues]:
    known = books.standing
    return {
        (books.stream_id, posted.version, account): (
            known.currency,
            amount,
            posted.type,
            posted.occurred_at,
            known.checkout_id,
        )
        for posted in books.posted
        if books.stream_id is not None
        for account, amount in posted.amounts.items()
    }


LEDGER: RowModel[Books, MoneyFact] = RowModel(
    name="ledger",
    version=1,
    facts=get_args(MoneyFact),
    selective=True,
    keys={"stream_id": "uuid", "version": "integer", "account": "text"},
    columns={
        "currency": "text",
        "amount": "bigint",
        "type": "text",
        "occurred_at": "timestamptz",
        "checkout_id": "uuid",
    },
    state=Books,
    subject=subject,
    fold=fold,
    rows=rows,
)
