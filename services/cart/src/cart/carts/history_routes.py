"""The route of a cart's history."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Response

from cart.carts.domain.errors import CartNotFound
from cart.carts.schemas.history import HistoryEntryView, show_entry
from cart.carts.use_cases.past import tell_history
from cart.catalogue.domain.excerpt import Catalogue
from contracts.roles import READERS
from kernel.http.dependencies import Read
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.store.event_store import EventStore
from kernel.store.stream_history import read_stream
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class _Handlers:
    store: EventStore
    catalogue: Catalogue

    async def list_history(self, cart_id: PathId, read: Read, paging: Paged) -> Response:
        """What happened to the cart, in words, the oldest first."""
        (after,) = paging.after(int) or (0,)

        async def act(_: UnitOfWork) -> Result:
            recorded = await read_stream(read.pool, read.tenant, cart_id, self.store.messages)
            entries = await tell_history(cart_id, recorded, after, paging.more, read.tenant, self.catalogue)
            return Result(paging.page(entries, key=lambda it: (it.version,), show=show_entry))

        return await read.run(act)


def table(store: EventStore, catalogue: Catalogue) -> RouteTable:
    do = _Handlers(store, catalogue)
    path = "/v1/carts/{cart_id}/history"
    return RouteTable(
        "carts", (Route("GET", path, do.list_history, READERS, Page[HistoryEntryView], (CartNotFound,)),)
    )
