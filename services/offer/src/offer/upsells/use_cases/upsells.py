"""What a shop does with the upsells and order bumps of an offer: add, change and remove them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.upsell import UpsellDetails
from kernel import ids
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import Invalid
from offer.catalogue.use_cases import find_product
from offer.offers.use_cases.offers import find_offer
from offer.upsells.domain.errors import UpsellNotFound
from offer.upsells.domain.upsell import ORDER_BUMP, Upsell

LISTED = "upsell"
"""Kind of the unique key of an upsell: the id of its offer and its own."""
PLACE = "upsell_place"
"""Kind of the unique key of one of the places that an offer has for upsells: its id and a number.
Of two that are added at once to the last place, one is refused."""
MAX_UPSELLS = 50


@dataclass(frozen=True, slots=True)
class UpsellRef:
    """``is_bump``: an order bump is no upsell to its caller, and the other way round."""

    offer_id: UUID
    upsell_id: UUID
    is_bump: bool


async def find_upsell(ref: UpsellRef, work: UnitOfWork) -> Upsell:
    """Raises ``UpsellNotFound``."""
    upsell = await work.open(Upsell, ref.upsell_id)
    if (
        not upsell.exists
        or upsell.removed
        or upsell.offer_id != ref.offer_id
        or (upsell.details.type == ORDER_BUMP) != ref.is_bump
    ):
        raise UpsellNotFound("The offer has no such upsell.")
    return upsell


async def upsells_of(offer_id: UUID, work: UnitOfWork) -> list[Upsell]:
    """The oldest first."""
    keys = await work.keys_with_prefix(LISTED, f"{offer_id}:")
    return list((await work.open_many(Upsell, sorted(keys.values()))).values())


@dataclass(frozen=True, slots=True)
class CreateUpsell:
    offer_id: UUID
    details: UpsellDetails


async def create_upsell(command: CreateUpsell, work: UnitOfWork) -> Upsell:
    """Raises ``OfferNotFound``, ``ProductNotFound`` and ``Invalid``."""
    await find_offer(command.offer_id, work)
    await find_product(command.details.product_id, work)
    prefix = f"{command.offer_id}:"
    existing = await work.keys_with_prefix(LISTED, prefix)
    if len(existing) >= MAX_UPSELLS:
        raise Invalid((), f"An offer has at most {MAX_UPSELLS} upsells and order bumps.")
    taken = await work.keys_with_prefix(PLACE, prefix)
    places = (f"{prefix}{number:02d}" for number in range(MAX_UPSELLS))
    return add_upsell(command, next(it for it in places if it not in taken), work)


def add_upsell(command: CreateUpsell, place: str, work: UnitOfWork) -> Upsell:
    """``place``: a free one."""
    upsell = work.create(Upsell, ids.new_id())
    upsell.create(command.offer_id, command.details)
    work.claim_key(LISTED, f"{command.offer_id}:{upsell.id}", upsell.id)
    work.claim_key(PLACE, place, upsell.id)
    return upsell


@dataclass(frozen=True, slots=True)
class ChangeUpsell:
    ref: UpsellRef
    fields: Mapping[str, Any]
    """Fields of ``UpsellDetails``; a field that is left out keeps its value."""


async def change_upsell(command: ChangeUpsell, work: UnitOfWork) -> Upsell:
    """Raises ``UpsellNotFound``, ``ProductNotFound`` and ``Invalid``."""
    upsell = await find_upsell(command.ref, work)
    details = UpsellDetails.model_validate({**upsell.details.model_dump(), **command.fields})
    if details.product_id != upsell.details.product_id:
        await find_product(details.product_id, work)
    upsell.change(details)
    return upsell


async def remove_upsell(ref: UpsellRef, work: UnitOfWork) -> Upsell:
    """Carts that hold it keep the line, at the product's own price. Raises ``UpsellNotFound``."""
    upsell = await find_upsell(ref, work)
    upsell.remove()
    work.release_key(LISTED, f"{ref.offer_id}:{upsell.id}")
    places = await work.keys_with_prefix(PLACE, f"{ref.offer_id}:")
    for place in (place for place, holder in places.items() if holder == upsell.id):
        work.release_key(PLACE, place)
    return upsell


async def claim_again(upsell: Upsell, work: UnitOfWork) -> None:
    """Claim the key of an upsell whose facts have been recovered. Its place stays free: the limit is that of
    the keys."""
    if not upsell.removed:
        work.claim_key(LISTED, f"{upsell.offer_id}:{upsell.id}", upsell.id)
