"""One watched checkout, and the requests of this process that wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from kernel.context import Context

Select = Callable[[Checkout], tuple[Any, ...] | None]
"""Returns the result, in a tuple, from the checkout's present state; None: keep waiting."""


class Waiter:
    def __init__(self, select: Select, types: frozenset[str]) -> None:
        self.select = select
        self.types = types
        self.result: asyncio.Future[tuple[Any, ...]] = asyncio.get_running_loop().create_future()

    def deliver(self, result: tuple[Any, ...] | Exception | None) -> None:
        if self.result.done() or result is None:
            return
        if isinstance(result, Exception):
            self.result.set_exception(result)
            self.result.exception()  # marks it as retrieved: the request may have ended
        else:
            self.result.set_result(result)


class Watch:
    """One read of the checkout serves all waiters."""

    def __init__(self, context: Context, checkout_id: UUID) -> None:
        self.context = context
        self.checkout_id = checkout_id
        self.users = 0
        self.newest: int | None = None
        """The latest known version: read, or stored by this process."""
        self.waiters: set[Waiter] = set()
        self.changed = asyncio.Event()
        self.only_local_changes = True
        """Whether all known changes since the last read were stored by this process."""
        self.reader: asyncio.Task[None] | None = None

    @contextmanager
    def add_waiter(self, select: Select, types: frozenset[str]) -> Iterator[Waiter]:
        waiter = Waiter(select, types)
        self.waiters.add(waiter)
        try:
            yield waiter
        finally:
            self.waiters.discard(waiter)

    def note_version(self, version: int) -> None:
        self.newest = max(version, self.newest or 0)

    def take_change(self) -> bool:
        """Reset before a read. Returns whether this process's cache holds all known changes."""
        only_local_changes, self.only_local_changes = self.only_local_changes, True
        self.changed.clear()
        return only_local_changes
