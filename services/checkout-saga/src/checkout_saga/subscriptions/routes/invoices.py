"""The routes of invoices."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from fastapi import Query, Response
from pydantic import AwareDatetime

from checkout_saga.subscriptions.domain.errors import InvoiceNotFound
from checkout_saga.subscriptions.domain.invoice import Invoice
from checkout_saga.subscriptions.list_query import FIRST, Place, find_invoices
from checkout_saga.subscriptions.schemas.invoices import InvoiceView, show_invoice
from checkout_saga.subscriptions.use_cases.reading import find_invoice
from contracts.roles import LISTERS
from kernel.http.dependencies import Read
from kernel.http.handlers import show
from kernel.http.paging import Page, Paged
from kernel.http.requests import Id, PathId
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.unit_of_work import UnitOfWork

SubscriptionId: TypeAlias = Annotated[Id | None, Query()]
CustomerId: TypeAlias = Annotated[str | None, Query(min_length=1, max_length=128)]
Status: TypeAlias = Annotated[Literal["open", "paid"] | None, Query()]


async def get_invoice(invoice_id: PathId, read: Read) -> Response:
    """An invoice."""
    return await show(read, find_invoice, invoice_id, show_invoice)


async def list_invoices(
    read: Read,
    paging: Paged,
    subscription_id: SubscriptionId = None,
    customer_id: CustomerId = None,
    status: Status = None,
) -> Response:
    """The invoices that meet all of the criteria, oldest first; at most a second behind."""
    after = paging.after(AwareDatetime, UUID)
    start = Place(*after) if after else FIRST

    async def act(work: UnitOfWork) -> Result:
        places = await find_invoices(
            read.pool, read.tenant, customer_id, status, subscription_id, start, paging.more
        )
        page = paging.page(places, key=lambda it: (it.at, str(it.id)), show=lambda it: it.id)
        found = await work.open_many(Invoice, page.items)
        shown = [show_invoice(found[it], work.now) for it in page.items]
        return Result(Page(items=shown, next_cursor=page.next_cursor))

    return await read.run(act)


ROUTES = RouteTable(
    "invoices",
    (
        Route("GET", "/v1/invoices/{invoice_id}", get_invoice, LISTERS, InvoiceView, (InvoiceNotFound,)),
        Route("GET", "/v1/invoices", list_invoices, LISTERS, Page[InvoiceView]),
    ),
)
