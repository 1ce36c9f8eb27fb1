"""One checkout that somebody in this process waits for, and what each of them waits to see."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from checkout_saga.domain.checkout import Checkout
from kernel.context import Context

Select = Callable[[Checkout], tuple[Any, ...] | None]
"""Takes what is to be shown from the checkout as it is now; None: not yet."""


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
            self.result.exception()  # whoever waited may have left
        else:
            self.result.set_result(result)


class Watch:
    """However many wait for the checkout, it is looked at once for all of them."""

    def __init__(self, context: Context, checkout_id: UUID) -> None:
        self.context = context
        self.checkout_id = checkout_id
        self.users = 0
        self.newest: int | None = None
        """The last version that is known here: seen, or stored by this process."""
        self.waiters: set[Waiter] = set()
        self.changed = asyncio.Event()
        self.only_local_changes = True
        """Whether all that is known to have changed was stored by this process."""
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
        """Before a look; whether memory is sure to hold all that it is for."""
        only_local_changes, self.only_local_changes = self.only_local_changes, True
        self.changed.clear()
        return only_local_changes
