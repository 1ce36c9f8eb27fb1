"""The timers of the offer service, by kind."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.scheduling.timers import DueTimer, TimerHandler
from kernel.unit_of_work import UnitOfWork
from offer.campaigns.use_cases.prices import CAMPAIGN_WINDOW, CampaignsOfOffers, pass_window
from offer.inventory.use_cases.reservations import EXPIRY, expire_reservation
from offer.offers.use_cases.price_windows import PRICE_WINDOW, pass_price_window
from offer.rewards.use_cases.index import REWARD_CONFIRM
from offer.rewards.use_cases.issuing import confirm_reward

CAMPAIGNS = CampaignsOfOffers()


async def _expire(timer: DueTimer, work: UnitOfWork) -> None:
    await expire_reservation(timer.subject, work)


async def _pass_price_window(timer: DueTimer, work: UnitOfWork) -> None:
    await pass_price_window(timer.subject, work, CAMPAIGNS)


async def _pass_campaign_window(timer: DueTimer, work: UnitOfWork) -> None:
    await pass_window(timer.subject, work)


async def _confirm_reward(timer: DueTimer, work: UnitOfWork) -> None:
    await confirm_reward(timer.subject, work)


TIMERS: Mapping[str, TimerHandler] = {
    EXPIRY: _expire,
    PRICE_WINDOW: _pass_price_window,
    CAMPAIGN_WINDOW: _pass_campaign_window,
    REWARD_CONFIRM: _confirm_reward,
}
