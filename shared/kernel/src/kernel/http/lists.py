"""Lists by unique keys, which are committed with the facts: a list is never behind the log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from fastapi import Response
from pydantic import BaseModel

from kernel.domain import Aggregate
from kernel.http.dependencies import QueryRequest
from kernel.http.paging import Page, Paging
from kernel.http.results import Result
from kernel.store.unique_keys import UniqueKey, list_unique_keys
from kernel.unit_of_work import UnitOfWork

A = TypeVar("A", bound=Aggregate)
T = TypeVar("T")

Load: TypeAlias = Callable[[Sequence[UniqueKey], UnitOfWork], Awaitable[Sequence[T]]]
"""Reads what the list shows for each key, in the order of the keys."""
Prefixes: TypeAlias = Callable[[UnitOfWork], Awaitable[Sequence[str]]]
"""Finds with what the values of the wanted keys begin."""


def owners(kind: type[A]) -> Load[A]:
    """A ``Load``: the aggregates that hold the keys."""

    async def load(keys: Sequence[UniqueKey], work: UnitOfWork) -> Sequence[A]:
        opened = await work.open_many(kind, [key.owner for key in keys])
        return [opened[key.owner] for key in keys]

    return load


async def list_by_key(
    read: QueryRequest,
    paging: Paging,
    index: str,
    load: Load[T],
    view: Callable[[T, datetime], BaseModel | Mapping[str, Any]],
    *,
    prefix: str | Prefixes = "",
    keep: Callable[[T], bool] | None = None,
) -> Response:
    """A page of the unique keys of the kind ``index`` that begin with ``prefix``, in the order of the keys;
    with several prefixes: in the order of what follows these.

    A page of those that ``keep`` keeps may be short, or empty, although there is a next one.
    """
    (after,) = paging.after(str) or ("",)

    async def act(work: UnitOfWork) -> Result:
        prefixes = [prefix] if isinstance(prefix, str) else await prefix(work)
        keys = await list_unique_keys(
            read.pool, read.tenant, index, after=after, prefixes=prefixes, limit=paging.more
        )
        rows = list(zip(keys, await load(keys, work), strict=True))
        page = paging.page(rows, key=lambda row: (row[0].value,), show=lambda row: row[1])
        shown = [view(it, work.now) for it in page.items if keep is None or keep(it)]
        return Result(Page(items=shown, next_cursor=page.next_cursor))

    return await read.run(act)
