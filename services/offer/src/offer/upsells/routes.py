"""The routes of upsells and order bumps, and of offers that are made of one product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import Response

from contracts.roles import ADMINS, READERS
from contracts.upsell import UpsellDetails
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import create, execute, remove, show
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.lists import list_by_key, owners
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import ProductNotFound
from offer.offers.domain.creation_failure import FROM_PRODUCT
from offer.offers.domain.errors import CampaignNotFound, OfferNotFound, PriceMissing, SlugExists
from offer.offers.ports import Campaigns
from offer.offers.routes import create_or_record_failure
from offer.offers.use_cases.offers import find_offer
from offer.upsells.domain.errors import UpsellNotFound
from offer.upsells.domain.upsell import ORDER_BUMP, Upsell
from offer.upsells.schemas.requests import (
    NewOrderBump,
    NewUpsell,
    OfferFromProduct,
    OrderBumpChange,
    UpsellChange,
)
from offer.upsells.schemas.views import OfferOfProductView, UpsellView, show_offer_of_product, show_upsell
from offer.upsells.use_cases import upsells
from offer.upsells.use_cases.from_product import FromProduct, OfferOfProduct, make_offer
from offer.upsells.use_cases.upsells import LISTED, ChangeUpsell, CreateUpsell, UpsellRef, find_upsell


async def create_order_bump(offer_id: PathId, body: NewOrderBump, write: Write) -> Response:
    """Add an order bump to the offer."""
    return await _create(offer_id, body.details(), write)


async def list_order_bumps(offer_id: PathId, read: Read, paging: Paged) -> Response:
    """List the order bumps of the offer, the oldest first."""
    return await _list(offer_id, read, paging, is_bump=True)


async def get_order_bump(offer_id: PathId, upsell_id: PathId, read: Read) -> Response:
    """Get an order bump."""
    return await show(read, find_upsell, UpsellRef(offer_id, upsell_id, is_bump=True), show_upsell)


async def change_order_bump(
    offer_id: PathId, upsell_id: PathId, body: OrderBumpChange, write: Write
) -> Response:
    """Change the given fields; the others keep their values."""
    ref = UpsellRef(offer_id, upsell_id, is_bump=True)
    change = partial(upsells.change_upsell, ChangeUpsell(ref, body.fields()))
    return await execute(write, find_upsell, ref, change, show_upsell)


async def remove_order_bump(offer_id: PathId, upsell_id: PathId, write: Write) -> Response:
    """Remove an order bump. Carts that hold it keep the line, at the product's own price."""
    ref = UpsellRef(offer_id, upsell_id, is_bump=True)
    return await remove(write, find_upsell, ref, partial(upsells.remove_upsell, ref))


async def create_upsell(offer_id: PathId, body: NewUpsell, write: Write) -> Response:
    """Add an upsell, a downsell or a cross-sell to the offer."""
    return await _create(offer_id, body.details(), write)


async def list_upsells(offer_id: PathId, read: Read, paging: Paged) -> Response:
    """List the upsells of the offer, the oldest first."""
    return await _list(offer_id, read, paging, is_bump=False)


async def get_upsell(offer_id: PathId, upsell_id: PathId, read: Read) -> Response:
    """Get an upsell."""
    return await show(read, find_upsell, UpsellRef(offer_id, upsell_id, is_bump=False), show_upsell)


async def change_upsell(offer_id: PathId, upsell_id: PathId, body: UpsellChange, write: Write) -> Response:
    """Change the given fields; the others keep their values."""
    ref = UpsellRef(offer_id, upsell_id, is_bump=False)
    change = partial(upsells.change_upsell, ChangeUpsell(ref, body.fields()))
    return await execute(write, find_upsell, ref, change, show_upsell)


async def remove_upsell(offer_id: PathId, upsell_id: PathId, write: Write) -> Response:
    """Remove an upsell. Carts that hold it keep the line, at the product's own price."""
    ref = UpsellRef(offer_id, upsell_id, is_bump=False)
    return await remove(write, find_upsell, ref, partial(upsells.remove_upsell, ref))


async def _create(offer_id: UUID, details: UpsellDetails, write: CommandRequest) -> Response:
    return await create(write, partial(upsells.create_upsell, CreateUpsell(offer_id, details)), show_upsell)


async def _list(offer_id: UUID, read: Read, paging: Paged, *, is_bump: bool) -> Response:
    def keep(upsell: Upsell) -> bool:
        return (upsell.details.type == ORDER_BUMP) == is_bump

    await read.run(partial(_found, offer_id))
    prefix = f"{offer_id}:"
    return await list_by_key(read, paging, LISTED, owners(Upsell), show_upsell, prefix=prefix, keep=keep)


async def _found(offer_id: UUID, work: UnitOfWork) -> Result:
    await find_offer(offer_id, work)
    return Result()


@dataclass(frozen=True, slots=True)
class FromProductRoutes:
    campaigns: Campaigns

    async def create_offer_from_product(self, body: OfferFromProduct, write: Write) -> Response:
        """Create an offer of one product, with its cross-sells as upsells. A refusal is recorded, too."""
        command = FromProduct(body.product_id, body.slug, body.campaign_id, body.currency)

        async def make(work: UnitOfWork) -> OfferOfProduct:
            return await make_offer(command, work, self.campaigns)

        return await create_or_record_failure(write, FROM_PRODUCT, body.slug, make, show_offer_of_product)


OFFER = "/v1/offers/{offer_id}"
REMOVED: Mapping[int | str, Any] = {204: {"description": "It is removed."}}
NEW = (OfferNotFound, ProductNotFound)
CHANGED = (UpsellNotFound, ProductNotFound)
GONE = (UpsellNotFound,)


def table(campaigns: Campaigns) -> RouteTable:
    do = FromProductRoutes(campaigns)
    bumps, more = f"{OFFER}/order-bumps", f"{OFFER}/upsells"
    bump, one = f"{bumps}/{{upsell_id}}", f"{more}/{{upsell_id}}"
    of_product = ProductNotFound, PriceMissing, SlugExists, CampaignNotFound
    return RouteTable(
        "upsells",
        (
            Route(
                *("POST", "/v1/offers/from-product", do.create_offer_from_product, ADMINS),
                *(OfferOfProductView, of_product, 201),
            ),
            Route("POST", bumps, create_order_bump, ADMINS, UpsellView, NEW, status=201),
            Route("GET", bumps, list_order_bumps, READERS, Page[UpsellView], (OfferNotFound,)),
            Route("GET", bump, get_order_bump, READERS, UpsellView, GONE),
            Route("PATCH", bump, change_order_bump, ADMINS, UpsellView, CHANGED),
            Route("DELETE", bump, remove_order_bump, ADMINS, None, GONE, status=204, responses=REMOVED),
            Route("POST", more, create_upsell, ADMINS, UpsellView, NEW, status=201),
            Route("GET", more, list_upsells, READERS, Page[UpsellView], (OfferNotFound,)),
            Route("GET", one, get_upsell, READERS, UpsellView, GONE),
            Route("PATCH", one, change_upsell, ADMINS, UpsellView, CHANGED),
            Route("DELETE", one, remove_upsell, ADMINS, None, GONE, status=204, responses=REMOVED),
        ),
    )
