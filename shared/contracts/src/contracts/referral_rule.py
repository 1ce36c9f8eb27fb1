"""The facts of referral rules: what a referee or a referrer gets, and the uses of each rule."""

from uuid import UUID

from contracts.envelope import Fact, Part
from contracts.promotion import Stacking


class Reward(Part):
    """``value``: a percentage as a decimal number, or minor units of ``currency``; a string, because it is
    exact."""

    type: str
    """``percentage`` or ``fixed_amount``."""
    value: str
    currency: str | None = None


class ReferralLimits(Part):
    total: int | None = None
    per_referrer: int | None = None
    per_referee: int | None = None


class RuleDetails(Part):
    program_id: UUID
    trigger: str
    """``signup``, ``first_order_paid`` or ``nth_order_paid``."""
    n: int | None = None
    referee_reward: Reward | None = None
    referrer_reward: Reward | None = None
    currency: str | None = None
    """Of ``minimum_order`` and of the cap."""
    minimum_order: int | None = None
    product_ids: tuple[UUID, ...] = ()
    categories: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    limits: ReferralLimits = ReferralLimits()
    validation_window_days: int | None = None
    coupon_validity_days: int | None = None
    cooldown_days: int | None = None
    stacking: Stacking = Stacking()
    """With the rule's priority: the smaller one comes first."""


class Created(Fact):
    TYPE = "referral_rule.created"
    details: RuleDetails


class Changed(Fact):
    """``details`` are the complete details after the change."""

    TYPE = "referral_rule.changed"
    details: RuleDetails


class Disabled(Fact):
    """The rule is disabled for good."""

    TYPE = "referral_rule.disabled"


class UseHeld(Fact):
    """One use is held for a checkout."""

    TYPE = "referral_rule.use_held"
    checkout_id: UUID
    referee_id: str
    referrer_id: str


class UseRedeemed(Fact):
    """A held use is final."""

    TYPE = "referral_rule.use_redeemed"
    checkout_id: UUID
    referee_id: str
    referrer_id: str


class UseReleased(Fact):
    """A held or redeemed use is available again."""

    TYPE = "referral_rule.use_released"
    checkout_id: UUID
    referee_id: str
    referrer_id: str


class RewardCounted(Fact):
    """The referrer's reward for an order counts towards the limits, apart from the referees' uses."""

    TYPE = "referral_rule.reward_counted"
    order_id: UUID
    referee_id: str
    referrer_id: str


class RewardWithdrawn(Fact):
    """The order was cancelled: another one may earn the reward."""

    TYPE = "referral_rule.reward_withdrawn"
    order_id: UUID
    referee_id: str
    referrer_id: str


ReferralRuleFact = (
    Created | Changed | Disabled | UseHeld | UseRedeemed | UseReleased | RewardCounted | RewardWithdrawn
)
