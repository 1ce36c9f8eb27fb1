"""Request bodies of referral programs, rules, attributions and overrides."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from contracts.referral_program import ProgramDetails
from contracts.referral_rule import Reward, RuleDetails
from kernel.http.requests import Amount, Body, Currency, Id, Instant, OwnerId, Trimmed, no_address
from offer.catalogue.schemas.fields import Names, Number, as_text

Name = Annotated[str, Trimmed(200), AfterValidator(no_address)]
Audiences = Literal["all", "users", "groups"]
Confirmation = Literal["automatic", "manual"]
Trigger = Literal["signup", "first_order_paid", "nth_order_paid"]
RewardType = Literal["percentage", "fixed_amount"]
Mode = Literal["exclusive", "best_of", "stackable"]
Days = Annotated[int, Field(ge=1, le=3_650)]
RewardDays = Annotated[int, Field(ge=0, le=90)]
Uses = Annotated[int, Field(ge=1, le=10**12)]
Count = Annotated[int, Field(ge=1, le=10**6)]
Priority = Annotated[int, Field(ge=-(10**6), le=10**6)]
Cap = Annotated[int, Field(ge=1, le=10**12)]


class AudienceBody(Body):
    """All customers, some of them, or those of some segments."""

    kind: Audiences
    ids: Annotated[tuple[OwnerId, ...], Field(max_length=1_000)] = ()


class FraudPolicyBody(Body):
    require_verified_email: bool = False


class ReferralProgramChange(Body):
    """A field that is left out keeps its value; null removes an optional value."""

    name: Name = Field(default_factory=str)
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    audience: AudienceBody = AudienceBody(kind="all")
    attribution_valid_days: Days = 30
    confirm: Confirmation = "automatic"
    fraud_policy: FraudPolicyBody = FraudPolicyBody()
    reward_days: RewardDays = 14

    def fields(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True)


class NewReferralProgram(ReferralProgramChange):
    name: Name

    def details(self) -> ProgramDetails:
        return ProgramDetails.model_validate(self.model_dump())


class RewardBody(Body):
    """Percent, or minor units of the currency."""

    type: RewardType
    value: Number
    currency: Currency | None = None

    def reward(self) -> Reward:
        return Reward(type=self.type, value=as_text(self.value), currency=self.currency)


class ReferralLimitsBody(Body):
    total: Uses | None = None
    per_referrer: Uses | None = None
    per_referee: Uses | None = 1


class ReferralStackingBody(Body):
    """The cap is the maximum discount, in minor units."""

    mode: Mode = "stackable"
    cap: Cap | None = None


class ReferralRuleChange(Body):
    """A field that is left out keeps its value; null removes an optional value."""

    trigger: Trigger = "signup"
    n: Count | None = None
    referee_reward: RewardBody | None = None
    referrer_reward: RewardBody | None = None
    currency: Currency | None = None
    minimum_order: Amount | None = None
    product_ids: Annotated[tuple[Id, ...], Field(max_length=200)] = ()
    categories: Names = ()
    collections: Names = ()
    limits: ReferralLimitsBody = ReferralLimitsBody()
    validation_window_days: Days | None = None
    coupon_validity_days: Days | None = None
    cooldown_days: Days | None = None
    priority: Priority = 0
    stacking: ReferralStackingBody = ReferralStackingBody()

    def fields(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True, exclude={"priority", "stacking"})

    def stacking_fields(self) -> dict[str, Any]:
        """The priority is one of them."""
        sent = self.model_dump(exclude_unset=True, include={"priority", "stacking"})
        return {**sent.pop("stacking", {}), **sent}


class NewReferralRule(ReferralRuleChange):
    program_id: Id
    trigger: Trigger

    def details(self) -> RuleDetails:
        fields = self.model_dump(exclude={"priority"})
        fields["stacking"] = {**fields["stacking"], "priority": self.priority}
        return RuleDetails.model_validate(fields)


class NewAttribution(Body):
    """People are the shop's ids of customers, never e-mail addresses."""

    program_id: Id
    referee_id: OwnerId
    referrer_id: OwnerId
    source: Name | None = None


class ReferralOverrideBody(Body):
    """Another reward, or a block, for one customer or one segment: of a program or of one rule."""

    scope: Literal["user", "group"]
    subject_id: OwnerId
    program_id: Id | None = None
    rule_id: Id | None = None
    reward: RewardBody | None = None
    block_referrals: bool | None = None

    @model_validator(mode="after")
    def _has_one_target(self) -> Self:
        if (self.program_id is None) == (self.rule_id is None):
            raise ValueError("An override is for a program or for a rule.")
        return self
