"""The route of everything that waits for an operator."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypeAlias

from fastapi import Query, Response

from checkout_saga.operations.attention.entries import Reader, Source
from checkout_saga.operations.attention.listing import list_entries
from checkout_saga.operations.attention.sources import SOURCES
from checkout_saga.operations.schemas.attention import AttentionView, Kind, show_entry
from contracts.roles import ADMINS, OPERATORS
from kernel.http.dependencies import Read
from kernel.http.paging import Page, Paged, foreign_cursor
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.unit_of_work import UnitOfWork

OfKind: TypeAlias = Annotated[Kind | None, Query()]


async def list_attention(read: Read, paging: Paged, kind: OfKind = None) -> Response:
    """What waits for an operator, oldest first: checkouts that do not go on, refunds that the gateway has
    refused, has not answered or has paid twice, or that people pay back, lines that could not be handed over,
    answers of a provider that are about something else, webhooks that could not be processed, and money that
    is left in clearing."""
    sources: Iterable[Source] = SOURCES.values() if kind is None else [SOURCES[kind]]
    (positions,) = paging.after(dict[str, str]) or ({},)
    if not positions.keys() <= SOURCES.keys():
        raise foreign_cursor()

    async def act(work: UnitOfWork) -> Result:
        listed = await list_entries(Reader(read.pool, work), sources, positions, paging.more)
        return Result(
            paging.page(listed, key=lambda it: (it.positions,), show=lambda it: show_entry(it.entry))
        )

    return await read.run(act)


ROUTES = RouteTable(
    "operations",
    (Route("GET", "/v1/attention", list_attention, {*OPERATORS, *ADMINS}, Page[AttentionView]),),
)
