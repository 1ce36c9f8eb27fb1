"""Bring changed prices into the open carts, beside the requests: page by page, each in one transaction."""

from __future__ import annotations

import asyncio
import random
import time
from typing import NamedTuple
from uuid import UUID

import asyncpg
import structlog

from cart.adapters.carts_by_product import carts_with, follow_log
from cart.adapters.catalogue_repository import TransactionalCatalogue
from cart.application.reprice_carts import reprice_carts
from kernel.context import Context
from kernel.errors import Conflict
from kernel.health import Heartbeats
from kernel.messaging.transient import is_transient
from kernel.store.event_store import EventStore
from kernel.store.writing import ENTER_LOG, Connection

LOG = structlog.get_logger()
BEAT = "repricing"
LOOK_EVERY = 1.0
MAX_CARTS = 500
BATCH_SIZE = 50
"""So many carts are read and decided without a pause: requests are served in between."""
NEXT = """
    SELECT tenant, product_id, after_cart, correlation_id, causation_id, traceparent, occurred_at
    FROM repricing ORDER BY tenant, product_id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
MOVE = "UPDATE repricing SET after_cart = $3 WHERE tenant = $1 AND product_id = $2"
DONE = "DELETE FROM repricing WHERE tenant = $1 AND product_id = $2"


class Item(NamedTuple):
    """A product to look for, and behind which cart to go on."""

    product_id: UUID
    after: UUID
    context: Context


class Repricing:
    def __init__(
        self, service: str, store: EventStore, heartbeats: Heartbeats, page: int = MAX_CARTS
    ) -> None:
        self._actor = f"/feira/{service}"
        self._store = store
        self._heartbeats = heartbeats
        self._page_size = page
        self._most = page
        heartbeats.register(BEAT)

    async def run(self) -> None:
        """Until cancelled. A page whose transaction fails is looked at again."""
        self._heartbeats.started(BEAT)
        while True:
            self._heartbeats.beat(BEAT)
            try:
                while await self.turn():
                    self._heartbeats.beat(BEAT)
            except Exception as error:
                if not is_transient(error):
                    LOG.exception("repricing_failed")
            await asyncio.sleep(random.uniform(0.5, 1) * LOOK_EVERY)  # noqa: S311  # so that replicas take turns

    async def turn(self) -> bool:
        """Follow the log to its end, then look at one page of carts; whether there may be more to do."""
        while await self._followed():
            pass
        began = time.monotonic()
        more = await self._page()
        if more:
            await asyncio.sleep(time.monotonic() - began)  # half of the time belongs to the requests
        return more

    # failpoint: none needed (store-transaction)
    async def _followed(self) -> bool:
        async with self._store.transaction() as it:
            return await follow_log(it.connection)

    async def _page(self) -> bool:
        """One page. Where it fails, because a request has changed one of its carts meanwhile or because one
        cannot be repriced at all, the next try takes half as many, down to one. A single cart is repriced
        under the log's lock, so that no request can change it; if it fails even then, it is skipped."""
        try:
            more = await self._look_at(self._most)
        except Exception as error:
            if is_transient(error) and not isinstance(error, Conflict):
                raise
            if self._most == 1:
                LOG.exception("cart_not_repriced")
                await self._skip()
            self._most = max(1, self._most // 2)
            return True
        self._most = min(self._page_size, self._most * 2)
        return more

    # failpoint: none needed (store-transaction)
    async def _skip(self) -> None:
        async with self._store.transaction() as it:
            if row := await it.connection.fetchrow(NEXT):
                item = self._item(row)
                await self._note(it.connection, item, await self._carts(it.connection, item, 1), 1)

    @staticmethod
    async def _carts(connection: Connection, item: Item, most: int) -> list[UUID]:
        return await carts_with(connection, item.context.tenant, item.product_id, item.after, most)

    # failpoint: none needed (store-transaction)
    async def _look_at(self, most: int) -> bool:
        async with self._store.transaction() as it:
            row = await it.connection.fetchrow(NEXT)
            if row is None:
                return False
            if most == 1:
                await it.connection.execute(ENTER_LOG)
            item = self._item(row)
            session = self._store.begin_within(it.connection, it.now)
            session.switch_context(item.context)
            carts = await self._carts(it.connection, item, most)
            catalogue = TransactionalCatalogue(it.connection)
            for first in range(0, len(carts), BATCH_SIZE):
                await reprice_carts(carts[first : first + BATCH_SIZE], session, catalogue)
            await self._note(it.connection, item, carts, most)
            await self._store.flush(session, it.connection)
            it.decided.append(session)
        return True

    # failpoint: none needed (store-transaction), 2 calls
    @staticmethod
    async def _note(connection: Connection, item: Item, carts: list[UUID], most: int) -> None:
        where = item.context.tenant, item.product_id
        if len(carts) < most:
            await connection.execute(DONE, *where)
        else:
            await connection.execute(MOVE, *where, carts[-1])

    def _item(self, row: asyncpg.Record) -> Item:
        context = Context(
            tenant=row["tenant"],
            correlation_id=row["correlation_id"],
            causation_id=row["causation_id"],
            actor=self._actor,
            traceparent=row["traceparent"],
            occurred_at=row["occurred_at"],
        )
        return Item(row["product_id"], row["after_cart"], context)
