"""What waits for an operator: entries, and the sources that they come from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias
from uuid import UUID

from kernel.postgres.service_pool import ServicePool
from kernel.unit_of_work import UnitOfWork


class Entry(NamedTuple):
    """One thing that needs an operator."""

    kind: str
    id: UUID
    since: datetime
    code: str
    detail: str
    tries: int
    actions: tuple[str, ...]
    position: str
    """Where it stands in its source."""
    timer: UUID
    """The subject of the timers by which the system itself tries again."""
    order_id: UUID | None = None
    line_id: str | None = None
    next_try_at: datetime | None = None


class Reader(NamedTuple):
    """What a source reads with: on behalf of a caller, who sees one tenant's rows alone."""

    pool: ServicePool
    work: UnitOfWork

    @property
    def tenant(self) -> str:
        return self.work.context.tenant


List: TypeAlias = Callable[[Reader, str, int], Awaitable[Sequence[Entry]]]
"""The entries behind a position, at most so many, oldest first."""


@dataclass(frozen=True, slots=True)
class Source:
    """Entries of one kind."""

    kind: str
    list: List
    count: str
    """A query for the gauge: the number of entries over all tenants, as jsonb. Its cost must not grow with
    the history."""
    timers: frozenset[str]
    """The kinds of the timers by which the system itself tries again."""
