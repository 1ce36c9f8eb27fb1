"""GET /v1/analytics/ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import Query
from pydantic import AwareDatetime

from contracts.roles import ANALYSTS
from kernel.http.auth import Caller
from kernel.http.paging import Page, Paged
from kernel.http.requests import Money
from kernel.http.route_tables import Route, RouteTable
from kernel.postgres.service_pool import ServicePool
from projections.models.ledger.query import BALANCES, ENTRIES
from projections.models.ledger.schemas import LedgerBalance, LedgerEntry
from projections.models.ranges import InRange

ACCOUNT = r"^[a-z0-9_]+(\.[A-Za-z0-9_-]+)*$"
Account = Annotated[str | None, Query(max_length=100, pattern=ACCOUNT, description="Its entries alone.")]
Shown = LedgerBalance | LedgerEntry


@dataclass(frozen=True, slots=True)
class _Handlers:
    pool: ServicePool

    async def get_ledger(
        self, caller: Caller, paging: Paged, days: InRange, account: Account = None
    ) -> Page[Shown]:
        """The balances by account and currency; with ``account`` its entries, most recent first."""
        if account is not None:
            return await self._entries(caller.tenant, paging, days, account)
        after = paging.after(str, str) or (None, None)
        rows = await self.pool.fetch_for_tenant(
            caller.tenant, BALANCES, days.first, days.end, *after, paging.more
        )
        return paging.page(rows, key=lambda row: (row["account"], row["currency"]), show=_balance)

    async def _entries(self, tenant: str, paging: Paged, days: InRange, account: str) -> Page[Shown]:
        after = paging.after(AwareDatetime, UUID, int) or (None, None, None)
        rows = await self.pool.fetch_for_tenant(
            tenant, ENTRIES, days.first, days.end, account, *after, paging.more
        )
        return paging.page(
            rows, key=lambda row: (row["occurred_at"], str(row["stream_id"]), row["version"]), show=_entry
        )


def table(pool: ServicePool) -> RouteTable:
    do = _Handlers(pool)
    return RouteTable(
        "analytics",
        (Route("GET", "/v1/analytics/ledger", do.get_ledger, ANALYSTS, Page[Shown]),),
    )


def _balance(row: asyncpg.Record) -> Shown:
    debit, credit, currency = row["debit"], row["credit"], row["currency"]
    return LedgerBalance(
        account=row["account"],
        currency=currency,
        debit=Money(amount=debit, currency=currency),
        credit=Money(amount=credit, currency=currency),
        balance=Money(amount=debit - credit, currency=currency),
    )


def _entry(row: asyncpg.Record) -> Shown:
    currency = row["currency"]
    return LedgerEntry(
        account=row["account"],
        currency=currency,
        debit=Money(amount=row["debit"], currency=currency),
        credit=Money(amount=row["credit"], currency=currency),
        type=row["type"],
        occurred_at=row["occurred_at"],
        checkout_id=row["checkout_id"],
        stream_id=row["stream_id"],
        version=row["version"],
    )
