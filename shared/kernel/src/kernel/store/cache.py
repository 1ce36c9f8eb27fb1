"""Folded aggregates that were used a moment ago, so that only their newest facts need be read."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar
from uuid import UUID

from kernel.domain import Aggregate

A = TypeVar("A", bound=Aggregate)

MAX_AGGREGATES = 4_000
"""Those of a thousand processes under way at once: some 16 MB, and filled within a minute of load."""


class AggregateCache:
    """Lends each aggregate to one unit of work at a time.

    Whoever takes one owns it, and gives it back only if its commit went through: a failed decision can
    leave no trace, and two tasks never share an object.
    """

    def __init__(self, most: int = MAX_AGGREGATES) -> None:
        self._most = most
        self._idle: OrderedDict[tuple[str, type[Aggregate], UUID], Aggregate] = OrderedDict()

    def take(self, tenant: str, kind: type[A], aggregate_id: UUID) -> A:
        """The aggregate as it was last known, or blank."""
        known = self._idle.pop((tenant, kind, aggregate_id), None)
        return known if isinstance(known, kind) else kind.empty(aggregate_id)

    def peek(self, tenant: str, kind: type[A], aggregate_id: UUID) -> A | None:
        """The aggregate as it was last known, to be read at once and not kept; None while it is lent."""
        known = self._idle.get((tenant, kind, aggregate_id))
        return known if isinstance(known, kind) else None

    def give_back(self, tenant: str, aggregate: Aggregate) -> None:
        place = tenant, type(aggregate), aggregate.id
        known = self._idle.get(place)
        if known is not None and known.version > aggregate.version:
            return  # while this one was lent, somebody else has come further with another copy
        self._idle[place] = aggregate
        if len(self._idle) > self._most:
            self._idle.popitem(last=False)
