"""Wait until something has happened to a checkout."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar, get_args
from uuid import UUID

import structlog

from checkout_saga.adapters.checkout_watch import Watch
from checkout_saga.domain.checkout import Checkout
from contracts.checkout import CheckoutFact
from kernel.context import Context
from kernel.database import is_outage
from kernel.http.fair_requests import stand_aside
from kernel.store.changes import Changes
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

LOG = structlog.get_logger()
T = TypeVar("T")

LOOK_AGAIN = 0.5
"""Seconds: another replica may have stored what we wait for, and cannot wake us."""
CACHE_GRACE = 0.02
"""Seconds: by then whoever is at work on a checkout in this process has mostly put it back."""

ANYTHING = frozenset(it.TYPE for it in get_args(CheckoutFact))
AT_ONCE: frozenset[str] = frozenset()
"""Waits for no fact."""
MOVED_ON = """
    SELECT DISTINCT stream_id FROM unnest($1::uuid[], $2::int[]) AS known (id, version)
    JOIN log ON stream_id = known.id AND log.version > known.version
"""


class CheckoutWatcher:
    """A checkout is looked at once for all who wait for it here: when they come, when this process has stored
    something, and when one query for all watched ones finds more in the log."""

    def __init__(self, store: EventStore, stopping: asyncio.Event) -> None:
        """Nobody is kept waiting while the service stops."""
        self._store = store
        self._stopping = stopping
        self._watches: dict[tuple[str, UUID], Watch] = {}
        store.add_commit_hooks(self._saved)

    async def wait(
        self,
        context: Context,
        checkout_id: UUID,
        show: Callable[[Checkout], T],
        until: Callable[[Checkout], bool],
        after: frozenset[str],
        seconds: float,
        *,
        begun_here: bool = False,
    ) -> T:
        """The checkout as soon as it is as wanted; as it is then, when the time is up. It is looked at when
        it begins, and after facts of these types. ``begun_here``: this process has just recorded it."""
        if seconds <= 0 or self._stopping.is_set():
            return await self.look(context, checkout_id, show)

        def as_wanted(it: Checkout) -> tuple[T] | None:
            return (show(it),) if until(it) else None

        stand_aside()
        with self._watch(context, checkout_id) as watch:
            with watch.wait(as_wanted, after) as wish:
                self._look_at(watch, here=begun_here)
                try:
                    async with asyncio.timeout(seconds):
                        (shown,) = await wish.told
                        return shown  # type: ignore[no-any-return]  # what ``show`` has made
                except TimeoutError:
                    pass
            return await self.look(context, checkout_id, show)

    async def look(self, context: Context, checkout_id: UUID, show: Callable[[Checkout], T]) -> T:
        """The checkout as it is now; by one look for all who want one while it is being watched."""
        watch = self._watches.get((context.tenant, checkout_id))
        if watch is None:
            return await self._see(context, checkout_id, show, surely_new=False)
        with watch.wait(lambda it: (show(it),), AT_ONCE) as wish:
            self._look_at(watch, here=False)
            (shown,) = await wish.told
            return shown  # type: ignore[no-any-return]  # what ``show`` has made

    async def changes(
        self, context: Context, checkout_id: UUID, show: Callable[[Checkout], T], known: int, beat: float
    ) -> AsyncIterator[T | None]:
        """Each state that is seen beyond the ``known`` version, until the end; None whenever nothing has
        happened for ``beat`` seconds."""

        def news(it: Checkout) -> tuple[T, int, bool] | None:
            return (show(it), it.version, it.ended) if it.version != known or it.ended else None

        ended = False
        with self._watch(context, checkout_id) as watch:
            while not ended and not self._stopping.is_set():
                with watch.wait(news, ANYTHING) as wish:
                    if watch.newest != known:
                        self._look_at(watch, here=False)
                    try:
                        async with asyncio.timeout(beat):
                            shown, version, ended = await wish.told
                    except TimeoutError:
                        yield None
                        continue
                if version != known:
                    known = version
                    yield shown

    async def run(self) -> None:
        """Look for what other replicas have stored, until the service stops: then nobody waits any longer."""
        while not self._stopping.is_set():
            known = {it.checkout_id: it.newest for it in self._watches.values() if it.newest is not None}
            if known:
                try:
                    rows = await self._store.pool.fetch(MOVED_ON, list(known), list(known.values()))
                except Exception as outage:
                    if not is_outage(outage):
                        LOG.exception("checkout_watch_failed")
                    rows = []
                moved = {row["stream_id"] for row in rows}
                for watch in self._watches.values():
                    if watch.checkout_id in moved:
                        self._look_at(watch, here=False)
            await _either(self._stopping, LOOK_AGAIN)
        for watch in self._watches.values():
            for wish in (it for it in watch.wishes if it.types):
                wish.tell(TimeoutError("the service stops"))

    @contextmanager
    def _watch(self, context: Context, checkout_id: UUID) -> Iterator[Watch]:
        place = context.tenant, checkout_id
        watch = self._watches.setdefault(place, Watch(context, checkout_id))
        watch.followers += 1
        try:
            yield watch
        finally:
            watch.followers -= 1
            if not watch.followers:
                del self._watches[place]

    def _saved(self, save: Changes) -> None:
        if self._watches:
            for row in save.rows:
                if watch := self._watches.get((row.tenant, row.stream_id)):
                    watch.note(row.version)
                    if any(row.type in it.types for it in watch.wishes):
                        self._look_at(watch, here=True)

    def _look_at(self, watch: Watch, *, here: bool) -> None:
        watch.only_here = watch.only_here and here
        watch.changed.set()
        if watch.looking is None or watch.looking.done():
            watch.looking = asyncio.create_task(self._look_for_all(watch), name="look at a checkout")

    async def _look_for_all(self, watch: Watch) -> None:
        while watch.changed.is_set() and watch.wishes:
            here = watch.take_change()
            if here and self._store.peek(watch.context.tenant, Checkout, watch.checkout_id) is None:
                await _either(watch.changed, CACHE_GRACE)
                here = watch.take_change() and here
            wishes = list(watch.wishes)  # who comes during the look is not told what may be older
            try:
                version, told = await self._see(
                    watch.context,
                    watch.checkout_id,
                    lambda it: (it.version, [one.see(it) for one in wishes]),  # noqa: B023  # called at once
                    surely_new=here,
                )
            except Exception as problem:
                for one in wishes:
                    one.tell(problem)
            else:
                watch.note(version)
                for one, what in zip(wishes, told, strict=True):
                    one.tell(what)

    async def _see(
        self, context: Context, checkout_id: UUID, show: Callable[[Checkout], T], *, surely_new: bool
    ) -> T:
        """As this process remembers it, if that is as new as the log: nobody is kept from it meanwhile."""
        known = self._store.peek(context.tenant, Checkout, checkout_id)
        if known:
            shown, version = show(known), known.version
            if surely_new or not await self._store.is_stale(context, checkout_id, version):
                return shown
        return await self._look(context, checkout_id, show)

    async def _look(self, context: Context, checkout_id: UUID, show: Callable[[Checkout], T]) -> T:
        """What is shown is taken while the aggregate is ours: afterwards somebody else may change it."""

        async def act(work: UnitOfWork) -> T:
            return show(await work.open(Checkout, checkout_id))

        return await self._store.run(context, act)


async def _either(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
