"""The route of quotes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from fastapi import Response

from contracts.roles import SERVICES
from contracts.sale import Destination
from kernel.domain import Refused
from kernel.http.dependencies import Write
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.postgres.service_pool import ServicePool
from kernel.store.unique_keys import list_unique_keys
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import ProductNotFound
from offer.customers.domain import Customers
from offer.offers.domain.errors import OfferNotFound
from offer.promotions.use_cases.automatic import AUTOMATIC, MOST_AUTOMATIC
from offer.quotes.domain.errors import (
    CurrencyNotPriced,
    ShippingAddressRequired,
    ShippingOptionNotAvailable,
)
from offer.quotes.domain.restrictions import TYPE_RULES
from offer.quotes.schemas.requests import QuoteBody
from offer.quotes.schemas.views import QuoteView, show_quote
from offer.quotes.use_cases import quote as use_cases
from offer.quotes.use_cases.quote import Buyer, QuoteRequest
from offer.quotes.use_cases.wanted_lines import QuoteLine
from offer.upsells.domain.errors import UpsellNotFound


def _request(body: QuoteBody, automatic: Iterable[UUID]) -> QuoteRequest:
    destination, customer = body.destination, body.customer
    return QuoteRequest(
        currency=body.currency,
        lines=tuple(
            QuoteLine(line.quantity, line.product_id, line.offer_id, line.upsell_id) for line in body.lines
        ),
        codes=body.codes,
        automatic=tuple(automatic),
        buyer=Buyer(
            customer.id,
            None if customer.segments is None else frozenset(customer.segments),
            customer.paid_orders,
        ),
        destination=Destination(country=destination.country, region=destination.region)
        if destination
        else None,
        shipping_option_id=body.shipping_option_id,
        session_id=body.session_id,
        at=body.at,
    )


REFUSALS: tuple[type[Refused], ...] = (
    ProductNotFound,
    OfferNotFound,
    UpsellNotFound,
    CurrencyNotPriced,
    *TYPE_RULES,
    ShippingAddressRequired,
    ShippingOptionNotAvailable,
)


def table(customers_of: Callable[[ServicePool], Customers]) -> RouteTable:
    async def quote(body: QuoteBody, write: Write) -> Response:
        """Price a sale, with the derivation of every amount. Nothing is stored."""
        customers = customers_of(write.pool)

        async def act(work: UnitOfWork) -> Result:
            keys = await list_unique_keys(write.pool, work.context.tenant, AUTOMATIC, limit=MOST_AUTOMATIC)
            request = _request(body, (key.owner for key in keys))
            return Result(show_quote(await use_cases.quote(request, work, customers)))

        return await write.run(act)

    return RouteTable("quotes", (Route("POST", "/v1/quotes", quote, SERVICES, QuoteView, REFUSALS),))
