"""Who obeys a command, and what they will need for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from contracts.envelope import Command
from kernel.domain import Aggregate
from kernel.work import Work

Needed = Iterable[tuple[type[Aggregate], UUID]]


class Obeyed(NamedTuple):
    """``needs`` tells which aggregates ``by`` will open, so that a whole batch's are read at once;
    ``needs_of_tenant`` those whose ids are made of the tenant."""

    by: Callable[[Any, Work], Awaitable[None]]
    needs: Callable[[Any], Needed]
    needs_of_tenant: Callable[[Any, str], Needed] | None = None

    def all_needs(self, command: Command, tenant: str) -> Needed:
        more = self.needs_of_tenant(command, tenant) if self.needs_of_tenant else ()
        return (*self.needs(command), *more)
