"""The route of quotes."""

from __future__ import annotations

from fastapi import Response

from contracts.roles import SERVICES
from kernel.http.dependencies import Write
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.store.unique_keys import list_unique_keys
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import NotSupported, ProductNotFound
from offer.promotions.use_cases.promotions import AUTOMATIC
from offer.quotes.domain.errors import CurrencyNotPriced, InvalidQuantity, MaxItemQuantityExceeded
from offer.quotes.schemas.requests import QuoteBody
from offer.quotes.schemas.views import QuoteView, show_quote
from offer.quotes.use_cases import quote as use_cases
from offer.quotes.use_cases.quote import QuoteLine, QuoteRequest
from pricing.tax import Destination

MAX_AUTOMATIC = 100


async def quote(body: QuoteBody, write: Write) -> Response:
    """Price a sale, with the derivation of every amount. Nothing is stored."""

    async def act(work: UnitOfWork) -> Result:
        automatic = await list_unique_keys(write.pool, work.context.tenant, AUTOMATIC, limit=MAX_AUTOMATIC)
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
        return Result(show_quote(await use_cases.quote(request, work)))

    return await write.run(act)


def _destination(body: QuoteBody) -> Destination | None:
    destination = body.destination
    return Destination(destination.country, destination.region) if destination else None


REFUSALS = (ProductNotFound, CurrencyNotPriced, InvalidQuantity, MaxItemQuantityExceeded, NotSupported)
ROUTES = RouteTable("quotes", (Route("POST", "/v1/quotes", quote, SERVICES, QuoteView, REFUSALS),))
