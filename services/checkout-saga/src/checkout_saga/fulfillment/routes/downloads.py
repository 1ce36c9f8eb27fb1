"""The routes of downloads, and of their links, which ask for no key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeAlias

from fastapi import Path, Request, Response

from checkout_saga.fulfillment.asset_store import AssetStore
from checkout_saga.fulfillment.domain.download import Download
from checkout_saga.fulfillment.domain.errors import AssetStoreMissing, DownloadExpired, DownloadNotFound
from checkout_saga.fulfillment.download_links import DownloadLinks
from checkout_saga.fulfillment.link_context import context_of
from checkout_saga.fulfillment.routes.listing import OfWhom, OrdersOf, list_of_orders
from checkout_saga.fulfillment.schemas.downloads import DownloadLinkView, DownloadView, show_download
from checkout_saga.fulfillment.use_cases import downloading
from checkout_saga.fulfillment.use_cases.downloading import ORDER_DOWNLOAD, find_download
from contracts.roles import FOR_CUSTOMERS, LISTERS
from kernel.http.dependencies import Read, Write
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.results import Result
from kernel.http.route_tables import OPEN, Route, RouteTable
from kernel.security.link_tokens import MAX_TOKEN_LENGTH
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

LinkToken: TypeAlias = Annotated[str, Path(max_length=MAX_TOKEN_LENGTH)]
PRIVATE = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"}
"""Both addresses, of the link and of the file, give access by themselves."""


@dataclass(frozen=True, slots=True)
class _Handlers:
    store: EventStore
    orders_of: OrdersOf
    links: DownloadLinks
    assets: AssetStore | None

    async def list_downloads(self, read: Read, whose: OfWhom, paging: Paged) -> Response:
        """The downloads of an order or of a customer, oldest first."""
        return await list_of_orders(
            read, paging, whose, self.orders_of, ORDER_DOWNLOAD, Download, show_download
        )

    async def make_download_link(self, grant_id: PathId, write: Write) -> Response:
        """A link that fetches the file without an API key, for 15 minutes."""

        async def act(work: UnitOfWork) -> Result:
            found = await find_download(grant_id, work)
            write.check(found)
            until = found.link_until(work.now)
            token = self.links.token(write.context.tenant, grant_id, until)
            return Result(DownloadLinkView(token=token, expires_at=until), found.version)

        return await write.run(act)

    async def follow_download_link(self, token: LinkToken, request: Request) -> Response:
        """To the file in the asset store, by an address that is valid for some minutes. Counts a use."""
        link, assets = self.links.read(token), self.assets
        if assets is None:
            raise AssetStoreMissing("The shop has no asset store; nothing was done.")

        async def act(work: UnitOfWork) -> tuple[Download, datetime]:
            if link.expires_at <= work.now:
                raise DownloadExpired("The link has expired.")
            return await downloading.use(link.subject_id, work), work.now

        found, now = await self.store.run(context_of(link.tenant, request), act)
        headers = {"Location": assets.asset_url(link.tenant, found.asset, now), **PRIVATE}
        return Response(status_code=302, headers=headers)


REFUSALS = (DownloadNotFound, DownloadExpired)
TO_THE_STORE: Mapping[int | str, Any] = {302: {"description": "To the file in the asset store"}}


def table(
    store: EventStore, orders_of: OrdersOf, links: DownloadLinks, assets: AssetStore | None
) -> RouteTable:
    """``assets``: None, files cannot be fetched."""
    do = _Handlers(store, orders_of, links, assets)
    return RouteTable(
        "downloads",
        (
            Route("GET", "/v1/downloads", do.list_downloads, LISTERS, Page[DownloadView]),
            Route(
                *("POST", "/v1/downloads/{grant_id}/links", do.make_download_link, FOR_CUSTOMERS),
                view=DownloadLinkView,
                refusals=REFUSALS,
                status=201,
            ),
            Route(
                *("GET", "/v1/downloads/{token}", do.follow_download_link, OPEN),
                refusals=(*REFUSALS, AssetStoreMissing),
                status=302,
                responses=TO_THE_STORE,
            ),
        ),
    )
