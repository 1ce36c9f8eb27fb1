"""What decides whether a referral rule gives its referee a discount, and the outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from contracts import sale
from contracts.referral import ReferralDiscount
from contracts.referral_override import Set as Override
from contracts.referral_program import ProgramDetails
from contracts.referral_rule import Reward, RuleDetails
from pricing.promotions import Promotion

Scope = Literal["user", "group"]
Source = Literal["user", "group", "rule"]


class Ineligible(StrEnum):
    """Why a rule gives nothing, in the order in which it is judged."""

    BLOCKED = "blocked"
    NOT_ATTRIBUTED = "not_attributed"
    EXPIRED = "expired"
    DISABLED = "disabled"
    PROGRAM_NOT_ACTIVE = "program_not_active"
    NOT_IN_AUDIENCE = "not_in_audience"
    EMAIL_NOT_VERIFIED = "email_not_verified"
    CONDITIONS_NOT_MET = "conditions_not_met"
    LIMIT_REACHED = "limit_reached"


@dataclass(frozen=True, slots=True)
class Referee:
    """The customer who buys, as far as referrals depend on it."""

    customer_id: str
    segments: frozenset[str] = frozenset()
    email_verified: bool = False
    paid_orders: int = 0


@dataclass(frozen=True, slots=True)
class Attribution:
    """``confirmed_at`` is None while it is not confirmed."""

    attribution_id: UUID
    program_id: UUID
    referee_id: str
    referrer_id: str
    confirmed_at: datetime | None
    is_revoked: bool = False


@dataclass(frozen=True, slots=True)
class Program:
    program_id: UUID
    details: ProgramDetails
    is_active: bool


@dataclass(frozen=True, slots=True)
class Uses:
    """The uses of a rule that are held or redeemed, by other checkouts than the one at hand."""

    total: int = 0
    of_referrer: int = 0
    of_referee: int = 0
    last_redeemed_at: datetime | None = None
    """By the referee."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One rule of a program, and all that decides whether the referee gets its discount."""

    rule_id: UUID
    rule: RuleDetails
    program: Program
    attribution: Attribution | None
    overrides: Sequence[Override] = ()
    """Those for the rule or its program; of other customers and groups, too."""
    uses: Uses = Uses()
    is_disabled: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """A rule's discount for a referee."""

    referral: sale.Referral
    customer_id: str
    reward: Reward
    source: Source
    """Whose reward it is."""
    promotion: Promotion

    def discount(self, amount: int) -> ReferralDiscount:
        return ReferralDiscount(
            rule_id=self.referral.rule_id,
            promotion_id=UUID(self.promotion.promotion_id),
            code=self.promotion.code or "",
            reward=self.reward,
            source=self.source,
            stacking=self.promotion.stacking.mode.value,
            amount=amount,
        )


@dataclass(frozen=True, slots=True)
class Withheld:
    rule_id: UUID
    reason: Ineligible
