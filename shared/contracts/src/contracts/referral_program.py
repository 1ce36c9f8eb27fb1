"""The facts of referral programs."""

from datetime import datetime

from contracts.envelope import Fact, Part


class Audience(Part):
    kind: str = "all"
    """``all``, ``users`` or ``groups``."""
    ids: tuple[str, ...] = ()
    """Customer ids or segments."""


class FraudPolicy(Part):
    require_verified_email: bool = False


class ProgramDetails(Part):
    name: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    audience: Audience = Audience()
    attribution_valid_days: int = 30
    confirm: str = "automatic"
    """``automatic``: attributions are confirmed when they are made; ``manual``: each by a call."""
    fraud_policy: FraudPolicy = FraudPolicy()
    reward_days: int = 14
    """From the payment of an order to the confirmation of the referrer's reward."""


class Created(Fact):
    TYPE = "referral_program.created"
    details: ProgramDetails


class Changed(Fact):
    """``details`` are the complete details after the change."""

    TYPE = "referral_program.changed"
    details: ProgramDetails


class Activated(Fact):
    TYPE = "referral_program.activated"


class Paused(Fact):
    TYPE = "referral_program.paused"


ReferralProgramFact = Created | Changed | Activated | Paused
