"""The routes that lead from an offer to a cart, and those of upsells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import structlog
from fastapi import Query, Response

from cart.carts.domain.errors import CartHasCustomer, CartNotFound, UpsellNotEligible, UpsellNotFound
from cart.carts.routes import BY_ID, OF_CART, OF_LINE, OF_OFFER
from cart.carts.schemas.requests import OfferForCart
from cart.carts.schemas.upsell_views import (
    CartFromOfferView,
    DeclinedView,
    UpsellsView,
    show_downsells,
    show_from_offer,
    show_upsells,
)
from cart.carts.sessions import run_in_session
from cart.carts.use_cases.abandonment import keep_timers
from cart.carts.use_cases.cart_access import open_cart
from cart.carts.use_cases.from_offer import CartFromOffer, StartFromOffer, start_from_offer
from cart.carts.use_cases.offers import DeclineUpsell, ListUpsells, Proposed, decline_upsell, list_upsells
from cart.carts.use_cases.policy import Policy
from cart.catalogue.domain.excerpt import Catalogue
from contracts.roles import SHOPPERS
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import execute, show
from kernel.http.requests import PathId, ShortText
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

LOG = structlog.get_logger()
UPSELLS = f"{BY_ID}/upsells"
SESSIONS_CART: Mapping[int | str, Any] = {
    200: {"model": CartFromOfferView, "description": "The open cart that the session had already"}
}


@dataclass(frozen=True, slots=True)
class _Handlers:
    store: EventStore
    catalogue: Catalogue
    policy: Policy

    async def create_cart_from_offer(self, body: OfferForCart, write: Write) -> Response:
        """Put an offer into the session's cart, with its order bumps and promotions, in one call."""
        command = StartFromOffer(
            body.slug, body.session_id, body.customer_id, body.quantity, body.include, body.metadata
        )
        made: list[CartFromOffer] = []

        async def act(work: UnitOfWork) -> Result:
            it = await start_from_offer(command, work, self.catalogue, self.policy)
            made[:] = [it]
            return Result(show_from_offer(it, work.now), it.version, status=201 if it.is_new else 200)

        response = await run_in_session(write, act, self.store, self.catalogue, self.policy)
        for skipped in (skipped for it in made for skipped in it.skipped):
            LOG.info("offer_part_skipped", slug=body.slug, kind=skipped.kind, reason=skipped.reason)
        return response

    async def list_upsells(
        self,
        cart_id: PathId,
        read: Read,
        position: Annotated[ShortText | None, Query()] = None,
        elapsed_seconds: Annotated[int, Query(ge=0, le=10**9)] = 0,
    ) -> Response:
        """List what may be proposed for the cart now, in the order in which to show it."""

        query = ListUpsells(cart_id, position, elapsed_seconds)
        find = partial(list_upsells, query)
        return await show(read, lambda _, work: find(work, self.catalogue), cart_id, show_upsells)

    async def decline_upsell(self, cart_id: PathId, upsell_id: PathId, write: Write) -> Response:
        """Note that the shopper does not want an upsell, and propose what there is in its place."""
        command = DeclineUpsell(cart_id, upsell_id)

        async def act(work: UnitOfWork) -> Proposed:
            proposed = await decline_upsell(command, work, self.catalogue)
            keep_timers(proposed.cart, work, self.policy)
            return proposed

        return await execute(write, open_cart, cart_id, act, show_downsells)


def table(store: EventStore, catalogue: Catalogue, policy: Policy) -> RouteTable:
    do = _Handlers(store, catalogue, policy)
    of_new_cart = (*OF_CART, CartHasCustomer, *OF_OFFER, *OF_LINE)
    of_refusal = (*OF_CART, UpsellNotFound, UpsellNotEligible)
    decline = f"{UPSELLS}/{{upsell_id}}/decline"
    return RouteTable(
        "offers in carts",
        (
            Route(
                "POST",
                "/v1/carts/from-offer",
                do.create_cart_from_offer,
                SHOPPERS,
                CartFromOfferView,
                of_new_cart,
                status=201,
                responses=SESSIONS_CART,
            ),
            Route("GET", UPSELLS, do.list_upsells, SHOPPERS, UpsellsView, (CartNotFound,)),
            Route("POST", decline, do.decline_upsell, SHOPPERS, DeclinedView, of_refusal),
        ),
    )
