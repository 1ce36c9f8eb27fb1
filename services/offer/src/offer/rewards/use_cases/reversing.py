"""Reverse rewards by what is refunded of their orders."""

from __future__ import annotations

from uuid import UUID

from contracts import order
from kernel.unit_of_work import UnitOfWork
from offer.promotions.domain.promotion import Promotion
from offer.referral.domain.rule import ReferralRule
from offer.rewards.domain.referrer import Referrer, referrer_stream
from offer.rewards.domain.reward import Reward
from offer.rewards.use_cases.index import OF_ORDER, REWARD_CONFIRM
from offer.rewards.use_cases.issuing import follow

RefundFact = (
    order.RefundRequested | order.RefundRetried | order.RefundFailed | order.Refunded | order.Cancelled
)


async def follow_refunds(fact: RefundFact, work: UnitOfWork) -> None:
    """Change the reward of the fact's order, if it has one."""
    owner = await work.owner_of_key(OF_ORDER, str(fact.originator_id))
    if owner is None:
        return
    reward = await work.open(Reward, owner)
    promotion, referrer = await _promotion_of(reward, work), await _referrer_of(reward, work)
    was_due = reward.is_due
    match fact:
        case order.RefundRequested(refund_id=refund_id) | order.RefundRetried(refund_id=refund_id):
            reward.open_refund(refund_id)
        case order.RefundFailed(refund_id=refund_id):
            reward.fail_refund(refund_id, promotion, referrer)
        case order.Refunded(refund_id=refund_id, allocation=allocation):
            reward.refund(refund_id, allocation, promotion, referrer)
        case order.Cancelled() if not reward.cancelled:
            reward.cancel(promotion, referrer)
            granted = reward.granted
            rule = await work.open(ReferralRule, granted.rule_id)
            rule.withdraw_reward(granted.order_id, granted.referee_id, granted.referrer_id)
    follow(reward, promotion)
    if reward.is_due and not was_due:  # a refund has failed after it had left nothing
        work.set_timer(REWARD_CONFIRM, reward.id, max(reward.granted.confirm_at, work.now))
    elif was_due and not reward.is_due:
        work.cancel_timer(REWARD_CONFIRM, reward.id)


async def _promotion_of(reward: Reward, work: UnitOfWork) -> Promotion | None:
    promotion_id: UUID | None = reward.issued.promotion_id if reward.issued else None
    return None if promotion_id is None else await work.open(Promotion, promotion_id)


async def _referrer_of(reward: Reward, work: UnitOfWork) -> Referrer:
    return await work.open(Referrer, referrer_stream(work.context.tenant, reward.granted.referrer_id))
