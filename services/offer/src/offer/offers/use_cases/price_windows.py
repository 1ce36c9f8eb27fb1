"""The timer that notes in an offer's stream that the window of its discount has opened or closed."""

from __future__ import annotations

from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.offers.domain.offer import ARCHIVED, Offer
from offer.offers.domain.offer_rules import next_window_change
from offer.offers.ports import Campaigns
from offer.pricing_policy.use_cases import find_pricing_policy
from pricing.rounding import Mode

PRICE_WINDOW = "offer.price_window"


def set_price_window(offer: Offer, work: UnitOfWork) -> None:
    """Set the timer to the next opening or closing, or cancel it."""
    due_at = None
    if offer.status != ARCHIVED:
        due_at = next_window_change(offer.details.price, work.now)
    if due_at is None:
        work.cancel_timer(PRICE_WINDOW, offer.id)
    else:
        work.set_timer(PRICE_WINDOW, offer.id, due_at)


async def pass_price_window(offer_id: UUID, work: UnitOfWork, campaigns: Campaigns) -> None:
    """The timer is due."""
    offer = await work.open(Offer, offer_id)
    if offer.exists and offer.status != ARCHIVED:
        running = await campaigns.running_for(offer_id, work)
        offer.pass_price_window(running, await rounding_mode(work), work.now)
        set_price_window(offer, work)


async def rounding_mode(work: UnitOfWork) -> Mode:
    """The tenant's."""
    return Mode((await find_pricing_policy(work)).policy.rounding_mode)
