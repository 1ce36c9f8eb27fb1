"""The route that lists the ledger, for reconciliation."""

from __future__ import annotations

from typing import Annotated

import asyncpg
from fastapi import APIRouter, Depends, Query

from contracts.roles import OPERATORS
from kernel.http.auth import Principal, allow
from kernel.http.paging import Page, Paging
from kernel.http.requests import Id, StrictRoute
from kernel.postgres.service_pool import ServicePool
from simulators.gateway import ledger
from simulators.gateway.bodies import Entry


def router(pool: ServicePool) -> APIRouter:
    routes = APIRouter(prefix="/v1/simulated-gateway", route_class=StrictRoute, tags=["ledger"])

    @routes.get("/ledger", name="list_ledger")
    async def entries(
        caller: Annotated[Principal, allow(*OPERATORS)],
        paging: Annotated[Paging, Depends()],
        checkout_id: Annotated[Id | None, Query()] = None,
    ) -> Page[Entry]:
        """Operations of the caller's tenant, in order of execution."""
        (after,) = paging.after(int) or (0,)
        rows = await ledger.list_operations(pool, caller.tenant, after, checkout_id, paging.more)
        return paging.page(rows, key=lambda it: (it["number"],), show=_entry)

    return routes


def _entry(row: asyncpg.Record) -> Entry:
    return Entry.model_validate({**row, "at": row["performed_at"]})
