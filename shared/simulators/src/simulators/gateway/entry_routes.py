"""The route that lists what a merchant has here over a time, for the client that holds the shared secret."""

from __future__ import annotations

from typing import Annotated

import asyncpg
from fastapi import APIRouter, Query

from kernel.http.requests import Instant, ShortText, StrictRoute
from kernel.http.shared_secret import holds_secret
from kernel.postgres.service_pool import ServicePool
from simulators.gateway import ledger
from simulators.gateway.bodies import Held, HeldPage

PAGE = 500
KINDS = {"capture": "capture", "refund": "refund"}
"""By operation; every other one authorizes."""


def router(pool: ServicePool, secret: str) -> APIRouter:
    routes = APIRouter(
        prefix="/v1", route_class=StrictRoute, tags=["merchants"], dependencies=[holds_secret(secret)]
    )

    @routes.get("/entries")
    async def list_entries(
        merchant: Annotated[ShortText, Query()],
        since: Annotated[Instant, Query()],
        until: Annotated[Instant, Query()],
        after: Annotated[int, Query(ge=0)] = 0,
    ) -> HeldPage:
        """Captures, refunds and open authorizations from ``since`` until before ``until``, in order."""
        rows = await ledger.list_held(pool, merchant, after, since, until, PAGE)
        following = rows[-1]["number"] if len(rows) == PAGE else None
        return HeldPage(entries=[_held(it) for it in rows], next=following)

    return routes


def _held(row: asyncpg.Record) -> Held:
    kind = KINDS.get(row["operation"], "authorization")
    state = "open" if kind == "authorization" else "done"
    return Held.model_validate({**row, "kind": kind, "state": state, "at": row["performed_at"]})
