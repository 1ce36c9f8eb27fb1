"""The facts of referral overrides: another reward, or a block, for one customer or one segment."""

from uuid import UUID

from contracts.envelope import Fact
from contracts.referral_rule import Reward


class Set(Fact):
    TYPE = "referral_override.set"
    scope: str
    """``user`` or ``group``."""
    subject_id: str
    """A customer id or a segment."""
    program_id: UUID | None = None
    rule_id: UUID | None = None
    """The target: a program or one rule."""
    reward: Reward | None = None
    block_referrals: bool | None = None


class Removed(Fact):
    TYPE = "referral_override.removed"


ReferralOverrideFact = Set | Removed
