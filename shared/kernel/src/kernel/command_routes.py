"""Who obeys a command, and what they will need for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from contracts.envelope import Command
from kernel.domain import Aggregate
from kernel.unit_of_work import UnitOfWork

PreloadKey = Iterable[tuple[type[Aggregate], UUID]]


class CommandRoute(NamedTuple):
    """``needs`` tells which aggregates ``by`` will open, so that a whole batch's are read at once;
    ``preload_of_tenant`` those whose ids are made of the tenant."""

    handler: Callable[[Any, UnitOfWork], Awaitable[None]]
    preload: Callable[[Any], PreloadKey]
    preload_of_tenant: Callable[[Any, str], PreloadKey] | None = None

    def everything_to_preload(self, command: Command, tenant: str) -> PreloadKey:
        more = self.preload_of_tenant(command, tenant) if self.preload_of_tenant else ()
        return (*self.preload(command), *more)
