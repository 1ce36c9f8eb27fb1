"""The indices of rewards: by order, by referrer, and all; and the timer of one that waits."""

from __future__ import annotations

from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.rewards.domain.reward import Reward

LISTED = "referral_reward"
"""Its values begin with the time of the grant, so that the oldest come first."""
OF_REFERRER = "referral_reward_of_referrer"
"""Its values are the referrer's id and what ``LISTED`` has."""
OF_ORDER = "referral_reward_of_order"
"""Its values are order ids: an order earns one reward."""
REWARD_CONFIRM = "reward_confirm"
"""The timer that confirms and issues a reward."""


async def claim_again(reward: Reward, work: UnitOfWork) -> None:
    """Claim the keys and set the timer of a reward that is new, or whose facts have been recovered."""
    place = f"{reward.granted_at:%Y%m%dT%H%M%S.%f}:{reward.id}"
    work.claim_key(LISTED, place, reward.id)
    work.claim_key(OF_REFERRER, f"{reward.granted.referrer_id}:{place}", reward.id)
    work.claim_key(OF_ORDER, str(reward.granted.order_id), reward.id)
    if reward.is_due:
        work.set_timer(REWARD_CONFIRM, reward.id, max(reward.granted.confirm_at, work.now))


def index_for(referrer_id: str | None, order_id: UUID | None) -> tuple[str, str]:
    """The index that finds what is asked for, and the beginning of its values."""
    if order_id is not None:
        return OF_ORDER, str(order_id)
    if referrer_id is not None:
        return OF_REFERRER, f"{referrer_id}:"
    return LISTED, ""


def matches(reward: Reward, referrer_id: str | None, order_id: UUID | None) -> bool:
    granted = reward.granted
    return referrer_id in {None, granted.referrer_id} and order_id in {None, granted.order_id}
