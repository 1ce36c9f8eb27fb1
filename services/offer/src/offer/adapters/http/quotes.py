"""HTTP: what a sale would cost."""

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
from offer.adapters.http.lists import Pool
from offer.adapters.http.quote_views import QuoteView
from offer.adapters.http.statuses import refusals
from offer.application.promotion_index import AUTOMATIC
from offer.application.quote import AskQuote, WantedLine, quote
from offer.domain.errors import (
    CurrencyNotPriced,
    InvalidQuantity,
    MaxItemQuantityExceeded,
    NotSupported,
    ProductNotFound,
)
from pricing.tax import Destination

routes = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["quotes"])
MAX_AUTOMATIC = 100


class LineBody(Body):
    product_id: Id
    quantity: Int64


class CustomerBody(Body):
    """The id counts for promotions with a limit per customer; a segment would promise a price that is charged
    by no checkout yet."""

    id: OwnerId | None = None
    segment: Annotated[ShortText | None, not_yet()] = None


class DestinationBody(Body):
    country: Country
    region: ShortText | None = None


class QuoteBody(Body):
    """``at``: the moment whose promotions count; now, if it is not named."""

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
    """What a sale would cost, with the derivation of every amount; nothing is stored."""

    async def act(work: UnitOfWork) -> Result:
        automatic = await list_unique_keys(pool, work.context.tenant, AUTOMATIC, limit=MAX_AUTOMATIC)
        asked = AskQuote(
            currency=body.currency,
            lines=tuple(WantedLine(it.product_id, it.quantity) for it in body.lines),
            codes=body.codes,
            automatic=tuple(it.owner for it in automatic),
            customer_id=body.customer.id,
            segment=body.customer.segment,
            destination=_destination(body),
            at=body.at,
        )
        return Result(QuoteView.of(await quote(asked, work)))

    return await write.run(act)


def _destination(body: QuoteBody) -> Destination | None:
    told = body.destination
    return Destination(told.country, told.region) if told else None
