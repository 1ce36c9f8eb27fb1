"""One checkout that somebody in this process waits for, and what each of them waits to see."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from checkout_saga.domain.checkout import Checkout
from kernel.context import Context

See = Callable[[Checkout], tuple[Any, ...] | None]
"""Takes what is to be shown from the checkout as it is now; None: not yet."""


class Waiter:
    def __init__(self, see: See, types: frozenset[str]) -> None:
        self.see = see
        self.types = types
        self.told: asyncio.Future[tuple[Any, ...]] = asyncio.get_running_loop().create_future()

    def tell(self, told: tuple[Any, ...] | Exception | None) -> None:
        if self.told.done() or told is None:
            return
        if isinstance(told, Exception):
            self.told.set_exception(told)
            self.told.exception()  # whoever waited may have left
        else:
            self.told.set_result(told)


class Watch:
    """However many wait for the checkout, it is looked at once for all of them."""

    def __init__(self, context: Context, checkout_id: UUID) -> None:
        self.context = context
        self.checkout_id = checkout_id
        self.followers = 0
        self.newest: int | None = None
        """The last version that is known here: seen, or stored by this process."""
        self.wishes: set[Waiter] = set()
        self.changed = asyncio.Event()
        self.only_here = True
        """Whether all that is known to have changed was stored by this process."""
        self.looking: asyncio.Task[None] | None = None

    @contextmanager
    def wait(self, see: See, types: frozenset[str]) -> Iterator[Waiter]:
        wish = Waiter(see, types)
        self.wishes.add(wish)
        try:
            yield wish
        finally:
            self.wishes.discard(wish)

    def note(self, version: int) -> None:
        self.newest = max(version, self.newest or 0)

    def take_change(self) -> bool:
        """Before a look; whether memory is sure to hold all that it is for."""
        only_here, self.only_here = self.only_here, True
        self.changed.clear()
        return only_here
