"""Record changed prices in the open carts, in a loop beside the requests: page by page, each in one
transaction."""

from __future__ import annotations

import time
from uuid import UUID

import structlog

from cart.carts.carts_by_product import follow_log
from cart.carts.repricing_list import (
    RepricingRequest,
    carts_of,
    discard_idle_customers,
    save_progress,
    take_request,
)
from cart.carts.use_cases.repricing import reprice_carts
from cart.catalogue.repository import TransactionalCatalogue
from cart.catalogue.repricing_requests import FIRST_CART
from kernel import waiting
from kernel.errors import Conflict
from kernel.messaging.transient import is_transient
from kernel.observability.health import Heartbeats
from kernel.service.pacing import Pace
from kernel.service.runtime import run_forever
from kernel.store.event_store import EventStore, Transaction
from kernel.store.writing import ENTER_LOG, Connection

LOG = structlog.get_logger()
BEAT = "repricing"
POLL_SECONDS = 1.0
FOLLOW_SECONDS = POLL_SECONDS / 2
"""At most so old is the index of carts while there is work. Following the log before each page would cost as
much as half a page of repricing."""
MAX_PAGE_SIZE = 500
PAGE_SIZE_BESIDE_REQUESTS = 100
"""A request waits for the page's longest step or for its append, some milliseconds, and seldom changes one of
its carts. The fixed cost of a page is nearly a fifth of this one."""


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
        self._followed_at = float("-inf")
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
        """Follow the log to its end from time to time, and reprice one page of carts. True if there may be
        more to do."""
        if time.monotonic() - self._followed_at >= FOLLOW_SECONDS:
            while await self._pace.keep(self._follow_log()):
                pass
            self._followed_at = time.monotonic()
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
        limit = min(self._page_size, PAGE_SIZE_BESIDE_REQUESTS if self._pace.has_company else MAX_PAGE_SIZE)
        try:
            more = await self._reprice_page(limit)
        except Exception as error:
            if is_transient(error) and not isinstance(error, Conflict):
                raise
            if limit == 1:
                LOG.exception("cart_not_repriced")
                await self._skip()
            self._page_size = max(1, limit // 2)
            return True
        self._page_size = min(self._max_page_size, limit * 2)
        return more

    # failpoint: none needed (store-transaction)
    async def _skip(self) -> None:
        async with self._store.transaction() as transaction:
            connection = transaction.connection
            if request := await self._take_request(connection):
                carts = await carts_of(connection, request, 1)
                await save_progress(connection, request, carts, 1)

    # failpoint: none needed (store-transaction)
    async def _reprice_page(self, limit: int) -> bool:
        async with self._store.transaction() as transaction:
            connection = transaction.connection
            request = await self._take_request(connection)
            if request is None:
                return False
            if limit == 1:
                await connection.execute(ENTER_LOG)
            carts = await carts_of(connection, request, limit)
            await save_progress(connection, request, carts, limit)
            await self._reprice(carts, request, transaction)
        return True

    async def _take_request(self, connection: Connection) -> RepricingRequest | None:
        """The next one. A new one must find every cart that got the product before the change, so that the
        log is followed up to here first. The carts that get it later get the new price with it. Requests of
        customers come one with each order: those that have nothing to reprice go together."""
        request = await take_request(connection, self._actor)
        if request is not None and request.after == FIRST_CART:
            await _catch_up(connection)
            if request.customer_id is not None:
                await discard_idle_customers(connection)
                request = await take_request(connection, self._actor)
        return request

    async def _reprice(self, carts: list[UUID], request: RepricingRequest, transaction: Transaction) -> None:
        """One load, one excerpt of the catalogue and one append for all of them; the append comes last, for
        it holds the log's lock until the commit."""
        work = self._store.begin_within(transaction.connection, transaction.now, remember=False)
        work.switch_context(request.context)
        await reprice_carts(carts, work, TransactionalCatalogue(transaction.connection), request.reason)
        await self._store.flush(work, transaction.connection)
        transaction.units_of_work.append(work)


async def _catch_up(connection: Connection) -> None:
    while await follow_log(connection, wait=True):
        pass


def _log_defect(error: Exception) -> None:
    if not is_transient(error):
        LOG.exception("repricing_failed")
