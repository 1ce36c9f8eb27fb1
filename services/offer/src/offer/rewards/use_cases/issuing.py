"""Confirm rewards whose time has come, and issue them as promotions."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from contracts.promotion import Limits, Terms
from kernel.unit_of_work import UnitOfWork
from offer.promotions.domain.promotion import Promotion
from offer.promotions.use_cases.promotions import create_promotion
from offer.referral.domain.rule import ReferralRule
from offer.rewards.domain.referrer import Referrer, referrer_stream
from offer.rewards.domain.reward import Reward
from offer.rewards.use_cases.index import REWARD_CONFIRM

POSTPONED_BY = timedelta(days=1)
"""How long a reward waits again whose order has an open refund."""
NAME = "Referral reward"


async def confirm_reward(reward_id: UUID, work: UnitOfWork) -> None:
    """Its timer runs this."""
    reward = await work.open(Reward, reward_id)
    if not reward.is_due:
        return
    if reward.open_refunds:
        work.set_timer(REWARD_CONFIRM, reward.id, work.now + POSTPONED_BY)
        return
    reward.confirm()
    await _issue(reward, work)


async def _issue(reward: Reward, work: UnitOfWork) -> None:
    granted = reward.granted
    referrer = await work.open(Referrer, referrer_stream(work.context.tenant, granted.referrer_id))
    amount = reward.left - referrer.paid_from(reward.left, granted.currency)
    if amount <= 0:
        reward.issue(referrer, None, None, None)
        return
    rule = await work.open(ReferralRule, granted.rule_id)
    ends_at = _end(work.now, rule.details.coupon_validity_days)
    terms = Terms(
        code=f"reward-{reward.id}",
        name=NAME,
        kind="fixed_amount",
        value=str(amount),
        currency=granted.currency,
        conditions={"customer_ids": [granted.referrer_id]},
        limits=Limits(total=1, per_customer=1),
        ends_at=ends_at,
    )
    promotion = await create_promotion(terms, work)
    reward.issue(referrer, promotion, promotion.terms.code, ends_at)


def _end(now: datetime, days: int | None) -> datetime | None:
    return None if days is None else now + timedelta(days=days)


def follow(reward: Reward, promotion: Promotion | None) -> None:
    """Let the promotion be worth what the reward says. It is disabled if that is nothing."""
    if promotion is None or promotion.disabled or promotion.used:
        return
    if reward.promotion_amount:
        promotion.change(promotion.terms.model_copy(update={"value": str(reward.promotion_amount)}))
    else:
        promotion.disable()
