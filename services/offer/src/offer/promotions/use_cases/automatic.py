"""The promotions without a code, which are tried on every sale: each that is on has one of 100 places."""

from __future__ import annotations

from kernel.unit_of_work import UnitOfWork
from offer.promotions.domain.errors import TooManyAutomaticPromotions
from offer.promotions.domain.promotion import Promotion

AUTOMATIC = "automatic_promotion"
"""Kind of the unique key of a place. Promotions from before there was a limit have their own id as its value.
"""
MOST_AUTOMATIC = 100


async def claim_automatic(promotion: Promotion, work: UnitOfWork) -> None:
    """Give it a free place. Of promotions that claim the last one at once, one gets it. Raises
    ``TooManyAutomaticPromotions``."""
    taken = await work.keys_with_prefix(AUTOMATIC, "")
    older = sum(not value.isdecimal() for value in taken)
    places = (f"{number:03}" for number in range(MOST_AUTOMATIC - older))
    free = [place for place in places if place not in taken]
    if not free or len(taken) >= MOST_AUTOMATIC:
        raise TooManyAutomaticPromotions(f"{MOST_AUTOMATIC} promotions without a code are on already.")
    # not the first one, so that promotions that are created at once seldom claim the same place
    work.claim_key(AUTOMATIC, free[promotion.id.int % len(free)], promotion.id)


async def claim_automatic_again(promotion: Promotion, work: UnitOfWork) -> None:
    """The place that it has, and otherwise its own id, as before there was a limit: several promotions that
    are recovered together do not see which places the others take."""
    taken = await work.keys_with_prefix(AUTOMATIC, "")
    held = (place for place, owner in taken.items() if owner == promotion.id)
    work.claim_key(AUTOMATIC, next(held, str(promotion.id)), promotion.id)


async def release_automatic(promotion: Promotion, work: UnitOfWork) -> None:
    for place, owner in (await work.keys_with_prefix(AUTOMATIC, "")).items():
        if owner == promotion.id:
            work.release_key(AUTOMATIC, place)
