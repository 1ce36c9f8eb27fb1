"""The route that lists the ledger, for reconciliation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import asyncpg
from fastapi import Query

from contracts.roles import OPERATORS
from kernel.http.auth import Caller
from kernel.http.paging import Page, Paged
from kernel.http.requests import Id
from kernel.http.route_tables import Route, RouteTable
from kernel.postgres.service_pool import ServicePool
from simulators.gateway import ledger
from simulators.gateway.bodies import Entry


@dataclass(frozen=True, slots=True)
class _Handlers:
    pool: ServicePool

    async def list_ledger(
        self, caller: Caller, paging: Paged, checkout_id: Annotated[Id | None, Query()] = None
    ) -> Page[Entry]:
        """Operations of the caller's tenant, in order of execution."""
        (after,) = paging.after(int) or (0,)
        rows = await ledger.list_operations(self.pool, caller.tenant, after, checkout_id, paging.more)
        return paging.page(rows, key=lambda it: (it["number"],), show=_entry)


def table(pool: ServicePool) -> RouteTable:
    do = _Handlers(pool)
    path = "/v1/simulated-gateway/ledger"
    return RouteTable("ledger", (Route("GET", path, do.list_ledger, OPERATORS, Page[Entry]),))


def _entry(row: asyncpg.Record) -> Entry:
    return Entry.model_validate({**row, "at": row["performed_at"]})
