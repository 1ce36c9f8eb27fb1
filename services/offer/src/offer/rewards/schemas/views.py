"""What the interface shows of referrers' rewards."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from offer.rewards.domain.reward import Reward


class IssuedRewardView(BaseModel):
    """``amount`` is what the promotion is worth now, or was when it was used."""

    promotion_id: UUID | None
    code: str | None
    amount: int
    ends_at: datetime | None


class ReferrerRewardView(BaseModel):
    """Amounts are in minor units of ``currency``."""

    reward_id: UUID
    status: Literal["granted", "issued", "voided"]
    referrer_id: str
    referee_id: str
    program_id: UUID
    rule_id: UUID
    attribution_id: UUID
    order_id: UUID
    currency: str
    base: int
    amount: int
    reversed: int
    left: int
    debt: int
    open_refunds: int
    granted_at: datetime
    confirm_at: datetime
    issued: IssuedRewardView | None
    version: int


def show_reward(reward: Reward, _now: datetime) -> ReferrerRewardView:
    granted = reward.granted
    return ReferrerRewardView.model_validate(
        {
            **granted.model_dump(include=set(ReferrerRewardView.model_fields)),
            "reward_id": reward.id,
            "status": reward.status,
            "reversed": reward.reversed,
            "left": reward.left,
            "debt": reward.debt,
            "open_refunds": len(reward.open_refunds),
            "granted_at": reward.granted_at,
            "issued": _show_issued(reward),
            "version": reward.version,
        }
    )


def _show_issued(reward: Reward) -> IssuedRewardView | None:
    if reward.issued is None:
        return None
    return IssuedRewardView(
        promotion_id=reward.issued.promotion_id,
        code=reward.issued.code,
        amount=reward.promotion_amount,
        ends_at=reward.issued.ends_at,
    )
