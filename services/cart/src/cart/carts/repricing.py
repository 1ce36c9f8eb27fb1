"""Record changed prices in the open carts, in a loop beside the requests: page by page, each in one
transaction."""

from __future__ import annotations

import asyncio
import time
from typing import NamedTuple
from uuid import UUID

import asyncpg
import structlog

from cart.carts.carts_by_product import carts_holding, follow_log
from cart.carts.use_cases.repricing import reprice_carts
from cart.catalogue.repository import TransactionalCatalogue
from kernel import waiting
from kernel.context import Context
from kernel.errors import Conflict
from kernel.messaging.transient import is_transient
from kernel.observability.health import Heartbeats
from kernel.service.runtime import run_forever
from kernel.store.event_store import EventStore
from kernel.store.writing import ENTER_LOG, Connection

LOG = structlog.get_logger()
BEAT = "repricing"
POLL_SECONDS = 1.0
MAX_PAGE_SIZE = 500
BATCH_SIZE = 50
"""Carts that are repriced without yielding to the event loop, which serves requests in between."""
SELECT_NEXT = """
    SELECT tenant, product_id, after_cart, correlation_id, causation_id, traceparent, occurred_at
    FROM repricing ORDER BY tenant, product_id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
SAVE_PROGRESS = "UPDATE repricing SET after_cart = $3 WHERE tenant = $1 AND product_id = $2"
DELETE_REQUEST = "DELETE FROM repricing WHERE tenant = $1 AND product_id = $2"


class RepricingRequest(NamedTuple):
    """A product, an offer or an upsell whose price may have changed, and the last cart that has been
    repriced."""

    thing: UUID
    after: UUID
    context: Context


class Repricing:
    def __init__(
        self, service: str, store: EventStore, heartbeats: Heartbeats, page_size: int = MAX_PAGE_SIZE
    ) -> None:
        self._actor = f"/feira/{service}"
        self._store = store
        self._heartbeats = heartbeats
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
        while await self._follow_log():
            pass
        started_at = time.monotonic()
        more = await self._reprice_or_shrink()
        if more:
            await asyncio.sleep(time.monotonic() - started_at)  # leaves half of the time to the requests
        return more

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
        self._page_size = min(self._max_page_size, self._page_size * 2)
        return more

    # failpoint: none needed (store-transaction)
    async def _skip(self) -> None:
        async with self._store.transaction() as transaction:
            connection = transaction.connection
            if row := await connection.fetchrow(SELECT_NEXT):
                request = self._request(row)
                carts = await self._carts(connection, request, 1)
                await self._save_progress(connection, request, carts, 1)

    @staticmethod
    async def _carts(connection: Connection, request: RepricingRequest, limit: int) -> list[UUID]:
        return await carts_holding(connection, request.context.tenant, request.thing, request.after, limit)

    # failpoint: none needed (store-transaction)
    async def _reprice_page(self, limit: int) -> bool:
        async with self._store.transaction() as transaction:
            row = await transaction.connection.fetchrow(SELECT_NEXT)
            if row is None:
                return False
            if limit == 1:
                await transaction.connection.execute(ENTER_LOG)
            request = self._request(row)
            unit_of_work = self._store.begin_within(transaction.connection, transaction.now)
            unit_of_work.switch_context(request.context)
            carts = await self._carts(transaction.connection, request, limit)
            catalogue = TransactionalCatalogue(transaction.connection)
            for first in range(0, len(carts), BATCH_SIZE):
                await reprice_carts(carts[first : first + BATCH_SIZE], unit_of_work, catalogue)
            await self._save_progress(transaction.connection, request, carts, limit)
            await self._store.flush(unit_of_work, transaction.connection)
            transaction.units_of_work.append(unit_of_work)
        return True

    # failpoint: none needed (store-transaction), 2 calls
    @staticmethod
    async def _save_progress(
        connection: Connection, request: RepricingRequest, carts: list[UUID], limit: int
    ) -> None:
        key = request.context.tenant, request.thing
        if len(carts) < limit:
            await connection.execute(DELETE_REQUEST, *key)
        else:
            await connection.execute(SAVE_PROGRESS, *key, carts[-1])

    def _request(self, row: asyncpg.Record) -> RepricingRequest:
        context = Context(
            tenant=row["tenant"],
            correlation_id=row["correlation_id"],
            causation_id=row["causation_id"],
            actor=self._actor,
            traceparent=row["traceparent"],
            occurred_at=row["occurred_at"],
        )
        return RepricingRequest(row["product_id"], row["after_cart"], context)


def _log_defect(error: Exception) -> None:
    if not is_transient(error):
        LOG.exception("repricing_failed")
