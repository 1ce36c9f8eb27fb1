"""Wait until something has happened to a checkout."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar, get_args
from uuid import UUID

from checkout_saga.domain.checkout import Checkout
from contracts.checkout import CheckoutFact
from kernel.context import Context
from kernel.store.event_store import EventStore
from kernel.store.save import Save
from kernel.work import Work

T = TypeVar("T")

LOOK_AGAIN = 0.5
"""Seconds: another replica may have stored what we wait for, and cannot wake us."""
LONGEST_PAUSE = 2.0
"""Seconds: many who wait for something slow must not make it slower by looking."""
AT_WORK = 0.02
"""Seconds: by then whoever is at work on a checkout in this process has mostly put it back."""

ANYTHING = frozenset(it.TYPE for it in get_args(CheckoutFact))


class Wish(NamedTuple):
    event: asyncio.Event
    types: frozenset[str]


class Following:
    def __init__(self, store: EventStore, stopping: asyncio.Event) -> None:
        """Nobody is kept waiting while the service stops."""
        self._store = store
        self._stopping = stopping
        self._waiting: defaultdict[UUID, set[Wish]] = defaultdict(set)
        store.watch(self._saved)

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
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        pause = LOOK_AGAIN

        def enough(it: Checkout) -> tuple[T] | None:
            done = until(it) or loop.time() >= deadline or self._stopping.is_set()
            return (show(it),) if done else None

        with self._wish(checkout_id, after) as changed:
            while True:
                here = begun_here or changed.is_set()
                begun_here = False
                changed.clear()
                if here and self._store.look_at(context.tenant, Checkout, checkout_id) is None:
                    await _either(changed, AT_WORK)
                shown = await self._see(context, checkout_id, enough, surely_new=here)
                if shown:
                    return shown[0]
                await _either(changed, min(max(0, deadline - loop.time()), pause))
                pause = min(2 * pause, LONGEST_PAUSE)

    async def changes(
        self, context: Context, checkout_id: UUID, show: Callable[[Checkout], T]
    ) -> AsyncIterator[T]:
        """Each state that is seen, until the end; the same one is never told twice."""
        version: int | None = None
        with self._wish(checkout_id, ANYTHING) as changed:
            while True:
                changed.clear()
                shown, now, ended = await self._look(
                    context, checkout_id, lambda it: (show(it), it.version, it.ended)
                )
                if now != version:
                    version = now
                    yield shown
                if ended or self._stopping.is_set():
                    return
                await _either(changed, LOOK_AGAIN)

    async def _see(
        self, context: Context, checkout_id: UUID, show: Callable[[Checkout], T], *, surely_new: bool
    ) -> T:
        """As this process remembers it, if that is as new as the log: nobody is kept from it meanwhile."""
        known = self._store.look_at(context.tenant, Checkout, checkout_id)
        if known:
            shown, version = show(known), known.version
            if surely_new or not await self._store.has_moved_on(context, checkout_id, version):
                return shown
        return await self._look(context, checkout_id, show)

    async def _look(self, context: Context, checkout_id: UUID, show: Callable[[Checkout], T]) -> T:
        """What is shown is taken while the aggregate is ours: afterwards somebody else may change it."""

        async def act(work: Work) -> T:
            return show(await work.open(Checkout, checkout_id))

        return await self._store.run(context, act)

    @contextmanager
    def _wish(self, checkout_id: UUID, types: frozenset[str]) -> Iterator[asyncio.Event]:
        wish = Wish(asyncio.Event(), types)
        self._waiting[checkout_id].add(wish)
        try:
            yield wish.event
        finally:
            self._waiting[checkout_id].discard(wish)
            if not self._waiting[checkout_id]:
                del self._waiting[checkout_id]

    def _saved(self, save: Save) -> None:
        for row in save.rows:
            for wish in self._waiting.get(row.stream_id, ()):
                if row.type in wish.types:
                    wish.event.set()


async def _either(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
