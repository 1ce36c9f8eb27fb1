"""HTTP: quotes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from contracts.roles import SERVICES
from kernel.http.dependencies import command_request
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.requests import (
    Body,
    Country,
    Currency,
    Id,
    Instant,
    Int64,
    OwnerId,
    ShortText,
    StrictRoute,
    UntrimmedText,
    not_yet,
)
from kernel.http.results import Result
from kernel.store.unique_keys import list_unique_keys
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import (
    CurrencyNotPriced,
    InvalidQuantity,
    MaxItemQuantityExceeded,
    NotSupported,
    ProductNotFound,
)
from offer.catalogue.lists import Pool
from offer.catalogue.statuses import refusals
from offer.promotions.use_cases.promotion_index import AUTOMATIC
from offer.quotes.schemas.views import QuoteView
from offer.quotes.use_cases.quote import QuoteLine, QuoteRequest, quote
from pricing.tax import Destination

routes = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["quotes"])
MAX_AUTOMATIC = 100


class LineBody(Body):
    product_id: Id
    quantity: Int64


class CustomerBody(Body):
    """The id is used for promotions with a limit per customer. Segments are not supported yet: no checkout
    charges prices of a segment."""

    id: OwnerId | None = None
    segment: Annotated[ShortText | None, not_yet()] = None


class DestinationBody(Body):
    country: Country
    region: ShortText | None = None


class QuoteBody(Body):
    """``at``: the time for which promotions are evaluated; default: now."""

    currency: Currency
    lines: Annotated[tuple[LineBody, ...], Field(min_length=1, max_length=100)]
    codes: Annotated[tuple[UntrimmedText, ...], Field(max_length=20)] = ()
    customer: CustomerBody = CustomerBody()
    destination: DestinationBody | None = None
    at: Instant | None = None


@routes.post(
    "/quotes",
    response_model=QuoteView,
    responses=refusals(
        ProductNotFound, CurrencyNotPriced, InvalidQuantity, MaxItemQuantityExceeded, NotSupported
    ),
    name="quote",
)
async def post_quote(
    body: QuoteBody, pool: Pool, write: Annotated[CommandRequest, command_request(*SERVICES)]
) -> Response:
    """Price a sale, with the derivation of every amount. Nothing is stored."""

    async def act(work: UnitOfWork) -> Result:
        automatic = await list_unique_keys(pool, work.context.tenant, AUTOMATIC, limit=MAX_AUTOMATIC)
        request = QuoteRequest(
            currency=body.currency,
            lines=tuple(QuoteLine(line.product_id, line.quantity) for line in body.lines),
            codes=body.codes,
            automatic=tuple(key.owner for key in automatic),
            customer_id=body.customer.id,
            segment=body.customer.segment,
            destination=_destination(body),
            at=body.at,
        )
        return Result(QuoteView.of(await quote(request, work)))

    return await write.run(act)


def _destination(body: QuoteBody) -> Destination | None:
    destination = body.destination
    return Destination(destination.country, destination.region) if destination else None
