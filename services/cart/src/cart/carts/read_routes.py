"""Routes that read one cart: as it is, as it was, and its history."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, TypeAlias
from uuid import UUID

from fastapi import Query, Response

from cart.carts.domain.errors import CartNotFound
from cart.carts.schemas.history import HistoryEntryView, show_entry
from cart.carts.schemas.views import CartView, view, view_explained
from cart.carts.use_cases import shopping
from cart.carts.use_cases.cart_access import PricedCart
from cart.carts.use_cases.past import AsOf, show_past_cart, tell_history
from cart.catalogue.domain.excerpt import Catalogue, PastCatalogue
from contracts.roles import READERS
from kernel.http.dependencies import QueryRequest, Read
from kernel.http.handlers import View, show
from kernel.http.paging import Page, Paged
from kernel.http.problems import invalid
from kernel.http.requests import Instant, PathId
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.store.event_store import EventStore
from kernel.store.stream_history import read_stream
from kernel.unit_of_work import UnitOfWork

Explain: TypeAlias = Annotated[bool, Query()]
Version: TypeAlias = Annotated[int | None, Query(ge=1, le=2**31 - 1)]
Moment: TypeAlias = Annotated[Instant | None, Query()]


@dataclass(frozen=True, slots=True)
class _Handlers:
    store: EventStore
    catalogue: Catalogue
    past: PastCatalogue

    async def get_cart(
        self,
        cart_id: PathId,
        read: Read,
        explain: Explain = False,
        version: Version = None,
        at: Moment = None,
    ) -> Response:
        """Read a cart with its current prices, or as it was, with the prices of then."""
        shown = view_explained if explain else view
        if version is not None and at is not None:
            raise invalid("Name either a version or a moment.", "/at", "query")
        if version is not None or at is not None:
            return await self._show_past(read, cart_id, AsOf(version, at), shown)
        return await show(read, partial(shopping.show_cart, catalogue=self.catalogue), cart_id, shown)

    async def list_history(self, cart_id: PathId, read: Read, paging: Paged) -> Response:
        """What happened to the cart, in words, the oldest first."""
        (after,) = paging.after(int) or (0,)

        async def act(_: UnitOfWork) -> Result:
            recorded = await read_stream(read.pool, read.tenant, cart_id, self.store.messages)
            entries = await tell_history(cart_id, recorded, after, paging.more, read.tenant, self.past)
            return Result(paging.page(entries, key=lambda it: (it.version,), show=show_entry))

        return await read.run(act)

    async def _show_past(
        self, read: QueryRequest, cart_id: UUID, as_of: AsOf, shown: View[PricedCart]
    ) -> Response:
        async def act(_: UnitOfWork) -> Result:
            recorded = await read_stream(read.pool, read.tenant, cart_id, self.store.messages)
            priced, at = await show_past_cart(cart_id, recorded, as_of, read.tenant, self.past)
            return Result(shown(priced, at), priced.version)

        return await read.run(act)


BY_ID = "/v1/carts/{cart_id}"


def table(store: EventStore, catalogue: Catalogue, past: PastCatalogue) -> RouteTable:
    do = _Handlers(store, catalogue, past)
    return RouteTable(
        "carts",
        (
            Route("GET", BY_ID, do.get_cart, READERS, CartView, (CartNotFound,)),
            Route(
                *("GET", f"{BY_ID}/history", do.list_history, READERS),
                view=Page[HistoryEntryView],
                refusals=(CartNotFound,),
            ),
        ),
    )
