"""Downloads: granted with their line, fetched by links, and taken back."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.fulfillment.domain.download import Download, download_id_of
from checkout_saga.fulfillment.domain.errors import DownloadNotFound
from checkout_saga.fulfillment.domain.results import Fulfilled, Result
from checkout_saga.fulfillment.ports import Delivery
from kernel.store.sort_keys import time_key
from kernel.unit_of_work import UnitOfWork

ORDER_DOWNLOAD = "order_download"
"""Lists an order's downloads by time; the value is the order, the time and the download."""


class Downloads:
    """A product that names no asset is handed over by the shop's own means: there is nothing to fetch."""

    async def perform(self, delivery: Delivery, work: UnitOfWork) -> Result:
        if delivery.asset is None:
            return Fulfilled()
        found = await work.open(Download, download_id_of(delivery.order_id, delivery.line_id))
        if not found.exists:
            found.grant(delivery.order_id, delivery.line_id, delivery.customer_id, delivery.asset)
            _list(found, work)
        return Fulfilled(str(found.id))

    async def find(self, delivery: Delivery, work: UnitOfWork) -> Result:
        return await self.perform(delivery, work)

    async def revoke(self, delivery: Delivery, work: UnitOfWork) -> None:
        found = await work.open(Download, download_id_of(delivery.order_id, delivery.line_id))
        found.revoke()


async def find_download(download_id: UUID, work: UnitOfWork) -> Download:
    """Raises ``DownloadNotFound``."""
    found = await work.open(Download, download_id)
    if not found.exists:
        raise DownloadNotFound("There is no such download.")
    return found


async def use(download_id: UUID, work: UnitOfWork) -> Download:
    """Raises ``DownloadNotFound`` and ``DownloadExpired``."""
    found = await find_download(download_id, work)
    found.use(work.now)
    return found


async def resume_download(found: Download, work: UnitOfWork) -> None:
    """The key of one whose facts have been recovered."""
    _list(found, work)


def _list(found: Download, work: UnitOfWork) -> None:
    key = f"{found.order_id}/{time_key(found.granted_at)}/{found.id}"
    work.claim_key(ORDER_DOWNLOAD, key, found.id)
