"""The facts of attributions: who was referred by whom. People are customer ids."""

from uuid import UUID

from contracts.envelope import Fact


class Created(Fact):
    TYPE = "referral_attribution.created"
    program_id: UUID
    referee_id: str
    referrer_id: str
    source: str | None = None


class Confirmed(Fact):
    """From then on the referee's time to use the referral runs."""

    TYPE = "referral_attribution.confirmed"
    program_id: UUID
    referee_id: str
    referrer_id: str


class Revoked(Fact):
    TYPE = "referral_attribution.revoked"
    program_id: UUID
    referee_id: str
    referrer_id: str


ReferralAttributionFact = Created | Confirmed | Revoked
