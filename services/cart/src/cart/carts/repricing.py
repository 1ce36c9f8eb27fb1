"""Record changed prices in the open carts, in a loop beside the requests: page by page, each in one
transaction."""

from __future__ import annotations

from uuid import UUID

import structlog

from cart.carts.carts_by_product import follow_log
from cart.carts.repricing_list import RepricingRequest, carts_of, save_progress, take_request
from cart.carts.use_cases.repricing import reprice_carts
from cart.catalogue.repository import TransactionalCatalogue
from kernel import waiting
from kernel.errors import Conflict
from kernel.messaging.transient import is_transient
from kernel.observability.health import Heartbeats
from kernel.service.pacing import Pace
from kernel.service.runtime import run_forever
from kernel.store.event_store import EventStore, Transaction
from kernel.store.writing import ENTER_LOG

LOG = structlog.get_logger()
BEAT = "repricing"
POLL_SECONDS = 1.0
MAX_PAGE_SIZE = 500
PAGE_SIZE_BESIDE_REQUESTS = 100
"""A request waits for the page's longest step, some milliseconds, and seldom changes one of its carts."""


class Repricing:
    def __init__(
        self,
        service: str,
        store: EventStore,
        heartbeats: Heartbeats,
        pace: Pace,
        page_size: int = MAX_PAGE_SIZE,
    ) -> None:
        self._actor = f"/feira/{service}"
        self._store = store
        self._heartbeats = heartbeats
        self._pace = pace
        self._max_page_size = page_size
        self._page_size = page_size
        heartbeats.register(BEAT)

    async def run(self) -> None:
        """Reprice until cancelled. A page whose transaction fails is tried again."""
        self._heartbeats.started(BEAT)
        await run_forever(
            self.reprice_next_page,
            pause=lambda: waiting.jitter(POLL_SECONDS / 2, POLL_SECONDS),
            beat=lambda: self._heartbeats.beat(BEAT),
            on_error=_log_defect,
        )

    async def reprice_next_page(self) -> bool:
        """Follow the log to its end, then reprice one page of carts. True if there may be more to do."""
        while await self._pace.keep(self._follow_log()):
            pass
        return await self._pace.keep(self._reprice_or_shrink())

    # failpoint: none needed (store-transaction)
    async def _follow_log(self) -> bool:
        async with self._store.transaction() as transaction:
            return await follow_log(transaction.connection)

    async def _reprice_or_shrink(self) -> bool:
        """Reprice a page. If it fails, because a request has changed one of its carts in the meantime or
        because one cannot be repriced at all, halve the page size for the next try, down to one. A single
        cart is repriced under the log's lock, so that no request can change it; if it fails even then, it is
        skipped."""
        try:
            more = await self._reprice_page(self._page_size)
        except Exception as error:
            if is_transient(error) and not isinstance(error, Conflict):
                raise
            if self._page_size == 1:
                LOG.exception("cart_not_repriced")
                await self._skip()
            self._page_size = max(1, self._page_size // 2)
            return True
        limit = PAGE_SIZE_BESIDE_REQUESTS if self._pace.has_company else self._max_page_size
        self._page_size = min(limit, self._max_page_size, self._page_size * 2)
        return more

    # failpoint: none needed (store-transaction)
    async def _skip(self) -> None:
        async with self._store.transaction() as transaction:
            connection = transaction.connection
            if request := await take_request(connection, self._actor):
                carts = await carts_of(connection, request, 1)
                await save_progress(connection, request, carts, 1)

    # failpoint: none needed (store-transaction)
    async def _reprice_page(self, limit: int) -> bool:
        async with self._store.transaction() as transaction:
            request = await take_request(transaction.connection, self._actor)
            if request is None:
                return False
            if limit == 1:
                await transaction.connection.execute(ENTER_LOG)
            carts = await carts_of(transaction.connection, request, limit)
            await self._reprice(carts, request, transaction)
            await save_progress(transaction.connection, request, carts, limit)
        return True

    async def _reprice(self, carts: list[UUID], request: RepricingRequest, transaction: Transaction) -> None:
        """One load, one excerpt of the catalogue and one append for all of them."""
        work = self._store.begin_within(transaction.connection, transaction.now, remember=False)
        work.switch_context(request.context)
        await reprice_carts(carts, work, TransactionalCatalogue(transaction.connection), request.reason)
        await self._store.flush(work, transaction.connection)
        transaction.units_of_work.append(work)


def _log_defect(error: Exception) -> None:
    if not is_transient(error):
        LOG.exception("repricing_failed")
