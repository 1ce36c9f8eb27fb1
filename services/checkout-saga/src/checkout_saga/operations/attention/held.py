"""Lists what is found by an index of unique keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from checkout_saga.operations.attention.entries import Reader
from kernel.domain import Aggregate
from kernel.store.unique_keys import UniqueKey, list_unique_keys

A = TypeVar("A", bound=Aggregate)


async def list_held(
    reader: Reader, index: str, kind: type[A], after: str, limit: int
) -> Sequence[tuple[UniqueKey, A]]:
    """The keys of an index behind a position, each with the aggregate that holds it."""
    keys = await list_unique_keys(reader.pool, reader.tenant, index, after=after, limit=limit)
    found = await reader.work.open_many(kind, [it.owner for it in keys])
    return [(it, found[it.owner]) for it in keys]
