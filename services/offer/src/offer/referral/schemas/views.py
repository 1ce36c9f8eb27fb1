"""What the interface shows of referrals."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from contracts.referral_rule import Reward
from offer.catalogue.schemas.fields import as_number
from offer.referral.domain.application import ReferralApplication
from offer.referral.domain.attribution import ReferralAttribution
from offer.referral.domain.override import ReferralOverride
from offer.referral.domain.program import ReferralProgram
from offer.referral.domain.rule import ReferralRule
from offer.referral.schemas.requests import Audiences, Confirmation, Mode, RewardType, Trigger


class AudienceView(BaseModel):
    kind: Audiences
    ids: list[str]


class FraudPolicyView(BaseModel):
    require_verified_email: bool


class ReferralProgramView(BaseModel):
    program_id: UUID
    status: Literal["draft", "active", "paused"]
    name: str
    starts_at: datetime | None
    ends_at: datetime | None
    audience: AudienceView
    attribution_valid_days: int
    confirm: Confirmation
    fraud_policy: FraudPolicyView
    reward_days: int
    version: int


class RewardView(BaseModel):
    type: RewardType
    value: int | float
    currency: str | None


class ReferralLimitsView(BaseModel):
    total: int | None
    per_referrer: int | None
    per_referee: int | None


class ReferralStackingView(BaseModel):
    mode: Mode
    cap: int | None


class ReferralRuleView(BaseModel):
    rule_id: UUID
    program_id: UUID
    status: Literal["active", "disabled"]
    trigger: Trigger
    n: int | None
    referee_reward: RewardView | None
    referrer_reward: RewardView | None
    currency: str | None
    minimum_order: int | None
    product_ids: list[UUID]
    categories: list[str]
    collections: list[str]
    limits: ReferralLimitsView
    validation_window_days: int | None
    coupon_validity_days: int | None
    cooldown_days: int | None
    priority: int
    stacking: ReferralStackingView
    uses: int
    """Uses held or redeemed."""
    version: int


class AttributionView(BaseModel):
    attribution_id: UUID
    program_id: UUID
    referee_id: str
    referrer_id: str
    source: str | None
    status: Literal["pending", "confirmed", "revoked"]
    created_at: datetime | None
    confirmed_at: datetime | None
    version: int


class ReferralOverrideView(BaseModel):
    override_id: UUID
    scope: Literal["user", "group"]
    subject_id: str
    program_id: UUID | None
    rule_id: UUID | None
    reward: RewardView | None
    block_referrals: bool | None
    version: int


class AppliedReferralView(BaseModel):
    rule_id: UUID
    promotion_id: UUID
    code: str
    reward: RewardView
    source: Literal["user", "group", "rule"]
    stacking: Mode
    amount: int


class ReferralSnapshotView(BaseModel):
    at: datetime
    attribution_id: UUID
    referrer_id: str
    program_id: UUID
    rule_ids: list[UUID]
    discounts: list[AppliedReferralView]
    order_id: UUID | None
    currency: str
    subtotal: int
    total_discount: int
    total: int


class ReferralApplicationView(BaseModel):
    checkout_id: UUID
    customer_id: str
    status: Literal["applied", "redeemed", "released"]
    snapshots: list[ReferralSnapshotView]
    version: int


def show_program(program: ReferralProgram, _now: datetime) -> ReferralProgramView:
    return ReferralProgramView.model_validate(
        {
            **program.details.model_dump(),
            "program_id": program.id,
            "status": program.status,
            "version": program.version,
        }
    )


def show_rule(rule: ReferralRule, _now: datetime) -> ReferralRuleView:
    details = rule.details
    return ReferralRuleView.model_validate(
        {
            **details.model_dump(),
            "referee_reward": _show_reward(details.referee_reward),
            "referrer_reward": _show_reward(details.referrer_reward),
            "priority": details.stacking.priority,
            "rule_id": rule.id,
            "status": "disabled" if rule.disabled else "active",
            "uses": rule.used,
            "version": rule.version,
        }
    )


def show_attribution(attribution: ReferralAttribution, _now: datetime) -> AttributionView:
    names = ("program_id", "referee_id", "referrer_id", "source", "status", "created_at", "confirmed_at")
    return AttributionView.model_validate(
        {
            **{name: getattr(attribution, name) for name in names},
            "attribution_id": attribution.id,
            "version": attribution.version,
        }
    )


def show_override(override: ReferralOverride, _now: datetime) -> ReferralOverrideView:
    word = override.word
    return ReferralOverrideView.model_validate(
        {
            **(word.model_dump() if word else {}),
            "reward": _show_reward(word.reward if word else None),
            "override_id": override.id,
            "version": override.version,
        }
    )


def show_application(application: ReferralApplication, _now: datetime) -> ReferralApplicationView:
    return ReferralApplicationView.model_validate(
        {
            "checkout_id": application.checkout_id,
            "customer_id": application.customer_id,
            "status": application.status,
            "snapshots": [
                {
                    **snapshot.model_dump(),
                    "discounts": [
                        {**it.model_dump(), "reward": _show_reward(it.reward)} for it in snapshot.discounts
                    ],
                }
                for snapshot in application.snapshots
            ],
            "version": application.version,
        }
    )


def _show_reward(reward: Reward | None) -> dict[str, Any] | None:
    return None if reward is None else {**reward.model_dump(), "value": as_number(reward.value)}
