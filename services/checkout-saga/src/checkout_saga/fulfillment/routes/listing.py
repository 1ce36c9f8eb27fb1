"""Lists of what belongs to orders: of one order, or of all orders of a customer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeAlias, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import BaseModel

from kernel.domain import Aggregate
from kernel.http.dependencies import QueryRequest
from kernel.http.lists import list_by_key, owners
from kernel.http.paging import Paging
from kernel.http.problems import invalid
from kernel.http.requests import Id
from kernel.postgres.service_pool import ServicePool
from kernel.unit_of_work import UnitOfWork

A = TypeVar("A", bound=Aggregate)
OrdersOf: TypeAlias = Callable[[ServicePool, str, UnitOfWork], Awaitable[Sequence[UUID]]]
"""The orders of a customer."""


class Whose:
    """A handler takes it as ``OfWhom``. Raises ``Problem`` unless one of the two is named."""

    def __init__(
        self,
        order_id: Annotated[Id | None, Query()] = None,
        customer_id: Annotated[str | None, Query(min_length=1, max_length=128)] = None,
    ) -> None:
        if (order_id is None) == (customer_id is None):
            raise invalid("Name either an order or a customer.", "/order_id", "query")
        self.order_id, self.customer_id = order_id, customer_id


OfWhom: TypeAlias = Annotated[Whose, Depends()]


async def list_of_orders(
    read: QueryRequest,
    paging: Paging,
    whose: Whose,
    orders_of: OrdersOf,
    index: str,
    kind: type[A],
    view: Callable[[A, datetime], BaseModel | Mapping[str, Any]],
) -> Response:
    """``index``: the unique keys of ``kind``, which begin with the order and go on with the time."""

    async def prefixes(work: UnitOfWork) -> list[str]:
        if whose.customer_id is None:
            return [f"{whose.order_id}/"]
        return [f"{it}/" for it in await orders_of(read.pool, whose.customer_id, work)]

    return await list_by_key(read, paging, index, owners(kind), view, prefix=prefixes)
