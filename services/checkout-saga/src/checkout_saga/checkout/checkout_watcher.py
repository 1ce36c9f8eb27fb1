"""Waits until a checkout has reached a state, for long polling and event streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar, get_args
from uuid import UUID

import structlog

from checkout_saga.checkout.checkout_watch import Watch
from checkout_saga.checkout.domain.checkout import Checkout
from contracts.checkout import CheckoutFact
from kernel import waiting
from kernel.context import Context
from kernel.http.fair_requests import release_turn
from kernel.postgres.connections import is_outage
from kernel.store.changes import Changes
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

LOG = structlog.get_logger()
T = TypeVar("T")

POLL_SECONDS = 0.5
"""Interval of the query for changes stored by other replicas, which cannot wake this process."""
CACHE_GRACE_SECONDS = 0.02
"""Grace period for another unit of work in this process to return the cached aggregate."""

ALL_TYPES = frozenset(it.TYPE for it in get_args(CheckoutFact))
NO_TYPES: frozenset[str] = frozenset()
"""A waiter that is served by the read at its start, and woken by no fact."""
NEWER_VERSIONS = """
    SELECT DISTINCT stream_id FROM unnest($1::uuid[], $2::int[]) AS known (id, version)
    JOIN log ON stream_id = known.id AND log.version > known.version
"""


class CheckoutWatcher:
    """Reads a checkout once for all its waiters: when they arrive, when this process has stored facts of it,
    and when one query for all watched checkouts finds newer versions in the log."""

    def __init__(self, store: EventStore, stopping: asyncio.Event) -> None:
        """Once ``stopping`` is set, no request waits any longer."""
        self._store = store
        self._stopping = stopping
        self._watches: dict[tuple[str, UUID], Watch] = {}
        store.add_commit_hooks(self._on_commit)

    async def wait(
        self,
        context: Context,
        checkout_id: UUID,
        show: Callable[[Checkout], T],
        until: Callable[[Checkout], bool],
        after: frozenset[str],
        seconds: float,
        *,
        just_created: bool = False,
    ) -> T:
        """``show`` of the checkout as soon as ``until`` holds, or of its state after ``seconds``.

        It is read at the start and after facts of the types ``after``. ``just_created``: this process has
        just recorded the checkout, so that its cache is current.
        """
        if seconds <= 0 or self._stopping.is_set():
            return await self.read(context, checkout_id, show)

        def select_result(checkout: Checkout) -> tuple[T] | None:
            return (show(checkout),) if until(checkout) else None

        release_turn()
        with self._watch(context, checkout_id) as watch:
            with watch.add_waiter(select_result, after) as waiter:
                self._schedule_read(watch, here=just_created)
                try:
                    async with asyncio.timeout(seconds):
                        (shown,) = await waiter.result
                        return shown  # type: ignore[no-any-return]  # what ``show`` has made
                except TimeoutError:
                    pass
            return await self.read(context, checkout_id, show)

    async def read(self, context: Context, checkout_id: UUID, show: Callable[[Checkout], T]) -> T:
        """``show`` of the checkout's present state; while it is watched, one read serves all callers."""
        watch = self._watches.get((context.tenant, checkout_id))
        if watch is None:
            return await self._read_cached(context, checkout_id, show, cache_is_current=False)
        with watch.add_waiter(lambda it: (show(it),), NO_TYPES) as waiter:
            self._schedule_read(watch, here=False)
            (shown,) = await waiter.result
            return shown  # type: ignore[no-any-return]  # what ``show`` has made

    async def changes(
        self, context: Context, checkout_id: UUID, show: Callable[[Checkout], T], known: int, beat: float
    ) -> AsyncIterator[T | None]:
        """Each new state after version ``known``, until the checkout ends; None whenever nothing has changed
        for ``beat`` seconds."""

        def select_change(checkout: Checkout) -> tuple[T, int, bool] | None:
            return (
                (show(checkout), checkout.version, checkout.ended)
                if checkout.version != known or checkout.ended
                else None
            )

        ended = False
        with self._watch(context, checkout_id) as watch:
            while not ended and not self._stopping.is_set():
                with watch.add_waiter(select_change, ALL_TYPES) as waiter:
                    if watch.newest != known:
                        self._schedule_read(watch, here=False)
                    try:
                        async with asyncio.timeout(beat):
                            shown, version, ended = await waiter.result
                    except TimeoutError:
                        yield None
                        continue
                if version != known:
                    known = version
                    yield shown

    async def run(self) -> None:
        """Query for changes stored by other replicas until the service stops; then release all waiters."""
        while not self._stopping.is_set():
            known = {it.checkout_id: it.newest for it in self._watches.values() if it.newest is not None}
            if known:
                try:
                    rows = await self._store.pool.fetch(NEWER_VERSIONS, list(known), list(known.values()))
                except Exception as error:
                    if not is_outage(error):
                        LOG.exception("checkout_watch_failed")
                    rows = []
                moved = {row["stream_id"] for row in rows}
                for watch in self._watches.values():
                    if watch.checkout_id in moved:
                        self._schedule_read(watch, here=False)
            await waiting.wait_at_most(self._stopping, POLL_SECONDS)
        for watch in self._watches.values():
            for waiter in (it for it in watch.waiters if it.types):
                waiter.deliver(TimeoutError("the service stops"))

    @contextmanager
    def _watch(self, context: Context, checkout_id: UUID) -> Iterator[Watch]:
        key = context.tenant, checkout_id
        watch = self._watches.setdefault(key, Watch(context, checkout_id))
        watch.users += 1
        try:
            yield watch
        finally:
            watch.users -= 1
            if not watch.users:
                del self._watches[key]

    def _on_commit(self, changes: Changes) -> None:
        if self._watches:
            for row in changes.rows:
                if watch := self._watches.get((row.tenant, row.stream_id)):
                    watch.note_version(row.version)
                    if any(row.type in it.types for it in watch.waiters):
                        self._schedule_read(watch, here=True)

    def _schedule_read(self, watch: Watch, *, here: bool) -> None:
        watch.only_local_changes = watch.only_local_changes and here
        watch.changed.set()
        if watch.reader is None or watch.reader.done():
            watch.reader = asyncio.create_task(self._read_for_waiters(watch), name="read a watched checkout")

    async def _read_for_waiters(self, watch: Watch) -> None:
        while watch.changed.is_set() and watch.waiters:
            here = watch.take_change()
            if here and self._store.peek(watch.context.tenant, Checkout, watch.checkout_id) is None:
                await waiting.wait_at_most(watch.changed, CACHE_GRACE_SECONDS)
                here = watch.take_change() and here
            waiters = list(watch.waiters)  # a waiter that arrives during the read needs a newer one
            try:
                version, selections = await self._read_cached(
                    watch.context,
                    watch.checkout_id,
                    lambda it: (it.version, [one.select(it) for one in waiters]),  # noqa: B023  # called at once
                    cache_is_current=here,
                )
            except Exception as error:
                for one in waiters:
                    one.deliver(error)
            else:
                watch.note_version(version)
                for waiter, selection in zip(waiters, selections, strict=True):
                    waiter.deliver(selection)

    async def _read_cached(
        self, context: Context, checkout_id: UUID, show: Callable[[Checkout], T], *, cache_is_current: bool
    ) -> T:
        """From the cached aggregate if it is as new as the log, without taking it from the cache."""
        known = self._store.peek(context.tenant, Checkout, checkout_id)
        if known:
            shown, version = show(known), known.version
            if cache_is_current or not await self._store.is_stale(context, checkout_id, version):
                return shown
        return await self._read_from_log(context, checkout_id, show)

    async def _read_from_log(self, context: Context, checkout_id: UUID, show: Callable[[Checkout], T]) -> T:
        """``show`` runs inside the unit of work: afterwards another one may change the aggregate."""

        async def act(work: UnitOfWork) -> T:
            return show(await work.open(Checkout, checkout_id))

        return await self._store.run(context, act)
