"""The routes of runs that bring the current prices into open carts."""

from __future__ import annotations

from functools import partial

from fastapi import Response

from cart.carts.domain.errors import SyncNotFound
from cart.carts.schemas.sync import NewSync, SyncView, show_sync
from cart.carts.use_cases.syncing import StartSync, find_sync, start_sync
from contracts.roles import SERVICES
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import create, show
from kernel.http.requests import PathId
from kernel.http.route_tables import Route, RouteTable


async def start_cart_sync(body: NewSync, write: Write) -> Response:
    """Bring the current prices into the open carts, or into those that hold one of these offers. While a run
    is in progress, it is the answer."""
    command = StartSync(body.offer_ids, body.max_age_hours)
    return await create(write, partial(start_sync, command), show_sync)


async def get_cart_sync(sync_id: PathId, read: Read) -> Response:
    """Read how far a run is."""
    return await show(read, find_sync, sync_id, show_sync)


ROUTES = RouteTable(
    "syncs of carts",
    (
        Route("POST", "/v1/carts/sync", start_cart_sync, SERVICES, SyncView, status=202),
        Route("GET", "/v1/carts/sync/{sync_id}", get_cart_sync, SERVICES, SyncView, (SyncNotFound,)),
    ),
)
