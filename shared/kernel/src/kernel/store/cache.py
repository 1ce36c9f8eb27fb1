"""Cache of recently used aggregates, so that only their newest facts need be read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import TypeVar
from uuid import UUID

from kernel.domain import Aggregate

A = TypeVar("A", bound=Aggregate)

MAX_AGGREGATES = 4_000
"""The aggregates of a thousand concurrent process managers: some 16 MB, filled within a minute of load."""


UniqueKey = tuple[str, str, str]
"""Tenant, kind and value."""


class KeyMemory:
    """The owners of unique keys as last read, None for keys without one. They may have changed since: a unit
    of work that decides by them compares them with the database before the commit."""

    def __init__(self, max_size: int = MAX_AGGREGATES) -> None:
        self._max_size = max_size
        self._owners: OrderedDict[UniqueKey, UUID | None] = OrderedDict()

    def known(self, keys: Iterable[UniqueKey]) -> dict[UniqueKey, UUID | None]:
        return {it: self._owners[it] for it in keys if it in self._owners}

    def note(self, owners: Mapping[UniqueKey, UUID | None]) -> None:
        for key, owner in owners.items():
            self._owners[key] = owner
            self._owners.move_to_end(key)
        while len(self._owners) > self._max_size:
            self._owners.popitem(last=False)


class AggregateCache:
    """Lends each aggregate to one unit of work at a time.

    ``take`` removes the aggregate from the cache; the unit of work gives it back only if its commit
    succeeded. So a failed decision leaves no trace, and two tasks never share an object.

    ``cachetools.LRUCache`` takes three times as long as the ordered dict: 2.3 to 3.3 us for ``take`` and
    ``give_back`` together, against 0.8 to 1.2, and each aggregate of each unit of work goes through both.
    """

    def __init__(self, max_size: int = MAX_AGGREGATES) -> None:
        self._max_size = max_size
        self.keys = KeyMemory(max_size)
        self._idle: OrderedDict[tuple[str, type[Aggregate], UUID], Aggregate] = OrderedDict()

    def take(self, tenant: str, kind: type[A], aggregate_id: UUID) -> A:
        """The aggregate as last cached, or an empty one."""
        cached = self._idle.pop((tenant, kind, aggregate_id), None)
        return cached if isinstance(cached, kind) else kind.empty(aggregate_id)

    def peek(self, tenant: str, kind: type[A], aggregate_id: UUID) -> A | None:
        """The aggregate as last cached, to be read at once and not kept; None while it is lent."""
        cached = self._idle.get((tenant, kind, aggregate_id))
        return cached if isinstance(cached, kind) else None

    def give_back(self, tenant: str, aggregate: Aggregate) -> None:
        key = tenant, type(aggregate), aggregate.id
        cached = self._idle.get(key)
        if cached is not None and cached.version > aggregate.version:
            return  # another copy was given back at a higher version while this one was lent
        self._idle[key] = aggregate
        if len(self._idle) > self._max_size:
            self._idle.popitem(last=False)
