"""Counts the queries by which a unit of work would load aggregates, on one in memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar, cast
from uuid import UUID

from kernel.domain import Aggregate
from kernel.unit_of_work import UnitOfWork

A = TypeVar("A", bound=Aggregate)


class CountedLoads:
    """Stands in for a unit of work with an empty cache, whose transaction is given everything else."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._loaded: set[UUID] = set()
        self.queries: list[set[UUID]] = []
        """The streams that each query reads."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._work, name)

    def create(self, kind: type[A], fresh_id: UUID) -> A:
        self._loaded.add(fresh_id)
        return self._work.create(kind, fresh_id)

    def assume_absent(self, kind: type[Aggregate], aggregate_id: UUID) -> None:  # the port's
        self._loaded.add(aggregate_id)

    async def preload(self, keys: Iterable[tuple[type[Aggregate], UUID]]) -> None:
        self._load(it for _, it in keys)

    async def open(self, kind: type[A], aggregate_id: UUID) -> A:
        self._load([aggregate_id])
        return await self._work.open(kind, aggregate_id)

    async def open_many(self, kind: type[A], ids: Iterable[UUID]) -> dict[UUID, A]:
        wanted = list(ids)
        self._load(wanted)
        return await self._work.open_many(kind, wanted)

    def _load(self, ids: Iterable[UUID]) -> None:
        if missing := set(ids) - self._loaded:
            self.queries.append(missing)
            self._loaded |= missing


def counted(work: UnitOfWork) -> tuple[CountedLoads, UnitOfWork]:
    """The counter, and the same as a unit of work."""
    counter = CountedLoads(work)
    return counter, cast("UnitOfWork", counter)
