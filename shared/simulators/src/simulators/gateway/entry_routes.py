"""The route that lists what a merchant has here over a time, for the client that holds the shared secret."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Query

from kernel.http.requests import Instant, ShortText, StrictRoute
from kernel.http.shared_secret import holds_secret
from kernel.postgres.service_pool import ServicePool
from simulators.gateway import entries
from simulators.gateway.bodies import Held, HeldPage

PAGE = 500
Ids: TypeAlias = Annotated[str, Query(max_length=8000)]
"""Ids of disputes, with commas between them."""


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
        disputes: Ids = "",
    ) -> HeldPage:
        """Captures, refunds, fees, disputes and open authorizations from ``since`` until before ``until``, in
        order; and the named disputes, however old they are."""
        rows = await entries.list_entries(pool, merchant, after, since, until, PAGE, disputes.split(","))
        following = rows[-1]["number"] if len(rows) == PAGE else None
        return HeldPage(entries=[Held.model_validate(dict(it)) for it in rows], next=following)

    return routes
