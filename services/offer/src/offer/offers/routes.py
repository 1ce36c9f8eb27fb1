"""The routes of offers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import Depends, Query, Response

from contracts.roles import ADMINS, READERS
from kernel import ids
from kernel.domain import Refused
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import R, UseCase, View, execute, show
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.lists import list_by_key, owners
from kernel.http.paging import Page, Paged
from kernel.http.requests import Id, PathId
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.ids import NIL_ID
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import ProductNotFound
from offer.offers.domain.creation_failure import CREATE, CreationFailure
from offer.offers.domain.errors import CampaignNotFound, OfferNotFound, OfferStatusConflict, SlugExists
from offer.offers.domain.offer import Offer
from offer.offers.list_query import OfferSearch, search_offers
from offer.offers.ports import Campaigns
from offer.offers.schemas.fields import PriceOfOfferBody
from offer.offers.schemas.requests import NewOffer, OfferChange
from offer.offers.schemas.search import OfferSearchParameters
from offer.offers.schemas.views import AvailabilityView, OfferView, show_availability, show_offer
from offer.offers.use_cases import offers
from offer.offers.use_cases.offers import LISTED, ChangeOffer, ChangePrice, CreateOffer, find_offer
from offer.offers.use_cases.stock_of_offers import CheckAvailability, check_availability

Units = Annotated[int, Query(ge=1, le=1_000)]


@dataclass(frozen=True, slots=True)
class OfferRoutes:
    campaigns: Campaigns

    async def create_offer(self, body: NewOffer, write: Write) -> Response:
        """Create an offer as a draft. A refusal is recorded, too."""

        async def create(work: UnitOfWork) -> Offer:
            command = CreateOffer(body.fields(), body.shipping.wish(), body.campaign_id)
            return await offers.create_offer(command, work, self.campaigns)

        return await create_or_record_failure(write, CREATE, body.slug, create, show_offer)

    async def list_offers(
        self, read: Read, parameters: Annotated[OfferSearchParameters, Depends()], paging: Paged
    ) -> Response:
        """List and search offers, the oldest first."""
        search = parameters.search
        if search == OfferSearch():
            return await list_by_key(read, paging, LISTED, owners(Offer), show_offer)
        (after,) = paging.after(Id) or (NIL_ID,)

        async def act(work: UnitOfWork) -> Result:
            found = await search_offers(read.pool, read.tenant, search, after, paging.more)
            opened = await work.open_many(Offer, found)
            page = paging.page(
                found, key=lambda it: (str(it),), show=lambda it: show_offer(opened[it], work.now)
            )
            return Result(page)

        return await read.run(act)

    async def get_offer(self, offer_id: PathId, read: Read) -> Response:
        """Get an offer, in any status."""
        return await show(read, find_offer, offer_id, show_offer)

    async def change_offer(self, offer_id: PathId, body: OfferChange, write: Write) -> Response:
        """Change the given fields; the others keep their values. Slug and products only of a draft."""
        command = ChangeOffer(offer_id, body.fields(), body.shipping_wish())
        return await execute(write, find_offer, offer_id, partial(offers.change_offer, command), show_offer)

    async def change_offer_price(self, offer_id: PathId, body: PriceOfOfferBody, write: Write) -> Response:
        """Replace the price, in the currency of the offer."""
        command = ChangePrice(offer_id, body.price())
        change = partial(offers.change_price, command, campaigns=self.campaigns)
        return await execute(write, find_offer, offer_id, change, show_offer)

    async def publish_offer(self, offer_id: PathId, write: Write) -> Response:
        """Put the offer on sale."""
        publish = partial(offers.publish_offer, offer_id)
        return await execute(write, find_offer, offer_id, publish, show_offer)

    async def pause_offer(self, offer_id: PathId, write: Write) -> Response:
        """Take the offer off sale; it can be published again."""
        return await execute(write, find_offer, offer_id, partial(offers.pause_offer, offer_id), show_offer)

    async def archive_offer(self, offer_id: PathId, write: Write) -> Response:
        """Take the offer off sale for good."""
        archive = partial(offers.archive_offer, offer_id)
        return await execute(write, find_offer, offer_id, archive, show_offer)

    async def get_offer_availability(self, offer_id: PathId, read: Read, quantity: Units = 1) -> Response:
        """Tell whether so many offers could be bought now. Nothing is reserved."""

        async def act(work: UnitOfWork) -> Result:
            return Result(
                show_availability(await check_availability(CheckAvailability(offer_id, quantity), work))
            )

        return await read.run(act)


async def create_or_record_failure(
    write: CommandRequest, command: str, slug: str | None, use_case: UseCase[R], view: View[R]
) -> Response:
    """Respond with what the use case has made. A refusal leaves ``offer.creation_failed``, and nothing of the
    offer."""

    async def act(work: UnitOfWork) -> Result:
        made = await use_case(work)
        return Result(view(made, work.now), made.version)

    def record(refused: Refused, work: UnitOfWork) -> None:
        failure = work.create(CreationFailure, ids.new_id())
        failure.fail(command, slug, refused, work.context.correlation_id)

    return await write.run(act, record)


ALL = "/v1/offers"
BY_ID = "/v1/offers/{offer_id}"
NOT_FOUND = (OfferNotFound,)
OF_STATUS = (OfferNotFound, OfferStatusConflict)


def table(campaigns: Campaigns) -> RouteTable:
    do = OfferRoutes(campaigns)
    new = SlugExists, ProductNotFound, CampaignNotFound
    return RouteTable(
        "offers",
        (
            Route("POST", ALL, do.create_offer, ADMINS, OfferView, new, status=201),
            Route("GET", ALL, do.list_offers, READERS, Page[OfferView]),
            Route("GET", BY_ID, do.get_offer, READERS, OfferView, NOT_FOUND),
            Route(
                *("PATCH", BY_ID, do.change_offer, ADMINS, OfferView),
                refusals=(*OF_STATUS, SlugExists, ProductNotFound),
            ),
            Route("PUT", f"{BY_ID}/price", do.change_offer_price, ADMINS, OfferView, OF_STATUS),
            Route("POST", f"{BY_ID}/publish", do.publish_offer, ADMINS, OfferView, OF_STATUS),
            Route("POST", f"{BY_ID}/pause", do.pause_offer, ADMINS, OfferView, OF_STATUS),
            Route("POST", f"{BY_ID}/archive", do.archive_offer, ADMINS, OfferView, NOT_FOUND),
            Route(
                *("GET", f"{BY_ID}/availability", do.get_offer_availability, READERS),
                view=AvailabilityView,
                refusals=NOT_FOUND,
            ),
        ),
    )
