"""Lists of aggregates by unique keys, which are committed with the facts: never behind the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeAlias, TypeVar

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from kernel.domain import Aggregate
from kernel.http.dependencies import QueryRequest
from kernel.http.paging import Paging
from kernel.http.results import Result
from kernel.postgres.service_pool import ServicePool
from kernel.store.unique_keys import list_unique_keys
from kernel.unit_of_work import UnitOfWork

A = TypeVar("A", bound=Aggregate)


def _pool(request: Request) -> object:
    return request.app.state.command_runner.store.pool


Pool: TypeAlias = Annotated[ServicePool, Depends(_pool)]


async def list_page(
    read: QueryRequest,
    pool: ServicePool,
    paging: Paging,
    key_kind: str,
    kind: type[A],
    view: Callable[[A], BaseModel],
) -> Response:
    """A page of the aggregates that hold a unique key of ``key_kind``, the oldest first."""
    (after,) = paging.after(str) or ("",)

    async def act(work: UnitOfWork) -> Result:
        keys = await list_unique_keys(pool, read.tenant, key_kind, after=after, limit=paging.more)
        opened = await work.open_many(kind, [it.owner for it in keys])
        return Result(paging.page(keys, key=lambda it: [it.value], show=lambda it: view(opened[it.owner])))

    return await read.run(act)
