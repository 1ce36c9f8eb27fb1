"""Lists of aggregates by the names that they have claimed for themselves: always as new as the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeAlias, TypeVar

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from kernel.domain import Aggregate
from kernel.http.dependencies import QueryRequest
from kernel.http.paging import Paging
from kernel.http.results import Result
from kernel.service_pool import ServicePool
from kernel.store.unique_keys import list_unique_keys
from kernel.unit_of_work import UnitOfWork

A = TypeVar("A", bound=Aggregate)


def _pool(request: Request) -> object:
    return request.app.state.writes.store.pool


Pool: TypeAlias = Annotated[ServicePool, Depends(_pool)]


async def list_page(
    read: QueryRequest,
    pool: ServicePool,
    paging: Paging,
    name: str,
    kind: type[A],
    view: Callable[[A], BaseModel],
) -> Response:
    """A page of them, in the order in which they came to be."""
    (after,) = paging.after(str) or ("",)

    async def act(work: UnitOfWork) -> Result:
        named = await list_unique_keys(pool, read.tenant, name, after=after, limit=paging.more)
        found = await work.open_many(kind, [it.owner for it in named])
        return Result(paging.page(named, key=lambda it: [it.value], show=lambda it: view(found[it.owner])))

    return await read.run(act)
