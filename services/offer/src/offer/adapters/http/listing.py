"""Lists of aggregates by the names that they have claimed for themselves: always as new as the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeAlias, TypeVar

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from kernel.domain import Aggregate
from kernel.http.answers import Answer
from kernel.http.calls import Read
from kernel.http.paging import Paging
from kernel.service_pool import ServicePool
from kernel.store.claims import list_claims
from kernel.work import Work

A = TypeVar("A", bound=Aggregate)


def _pool(request: Request) -> object:
    return request.app.state.writes.store.pool


Pool: TypeAlias = Annotated[ServicePool, Depends(_pool)]


async def listed(
    read: Read,
    pool: ServicePool,
    paging: Paging,
    name: str,
    kind: type[A],
    view: Callable[[A], BaseModel],
) -> Response:
    """A page of them, in the order in which they came to be."""
    (after,) = paging.after(str) or ("",)

    async def act(work: Work) -> Answer:
        named = await list_claims(pool, read.tenant, name, after=after, limit=paging.more)
        found = await work.open_many(kind, [it.holder for it in named])
        return Answer(paging.page(named, key=lambda it: [it.value], show=lambda it: view(found[it.holder])))

    return await read.run(act)
