"""Command routes: which handler handles a command, and which aggregates to preload for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from contracts.envelope import Command
from kernel.domain import Aggregate
from kernel.unit_of_work import UnitOfWork

PreloadKeys = Iterable[tuple[type[Aggregate], UUID]]
UniqueKeys = Iterable[tuple[str, str]]


class CommandRoute(NamedTuple):
    """``preload`` names the aggregates that ``handler`` opens, so that those of a whole batch are read at
    once; ``preload_of_tenant`` names those whose ids are derived from the tenant, and ``keys`` the unique
    keys, by kind and value, whose owners it asks for. ``prepare`` gets all commands of the batch of one
    tenant, once these are read, to read at once what else they need."""

    handler: Callable[[Any, UnitOfWork], Awaitable[None]]
    preload: Callable[[Any], PreloadKeys]
    preload_of_tenant: Callable[[Any, str], PreloadKeys] | None = None
    keys: Callable[[Any], UniqueKeys] | None = None
    prepare: Callable[[Sequence[Any], UnitOfWork], Awaitable[None]] | None = None

    def everything_to_preload(self, command: Command, tenant: str) -> PreloadKeys:
        of_tenant = self.preload_of_tenant(command, tenant) if self.preload_of_tenant else ()
        return (*self.preload(command), *of_tenant)

    def keys_to_preload(self, command: Command, tenant: str) -> Iterable[tuple[str, str, str]]:
        """By tenant, kind and value."""
        return ((tenant, *it) for it in self.keys(command)) if self.keys else ()
