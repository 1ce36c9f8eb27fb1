"""The facts of one checkout's referral discounts, with a snapshot for audits of what was applied and why."""

from datetime import datetime
from uuid import UUID

from contracts.checkout_requests import CheckoutReply
from contracts.envelope import Part
from contracts.referral_rule import Reward


class ReferralDiscount(Part):
    rule_id: UUID
    promotion_id: UUID
    code: str
    reward: Reward
    source: str
    """Whose reward it is: ``user``, ``group`` or ``rule``."""
    stacking: str
    amount: int


class Snapshot(Part):
    """Amounts are in minor units of ``currency``."""

    at: datetime
    customer_id: str
    attribution_id: UUID
    referrer_id: str
    program_id: UUID
    rule_ids: tuple[UUID, ...]
    discounts: tuple[ReferralDiscount, ...]
    cart_id: UUID | None = None
    order_id: UUID | None = None
    currency: str
    subtotal: int
    total_discount: int
    total: int


class Applied(CheckoutReply):
    """One use of each rule is held for the checkout."""

    TYPE = "referral.applied"
    stage: str
    """``checkout``."""
    snapshots: tuple[Snapshot, ...]


class Redeemed(CheckoutReply):
    """The uses are final: the order is paid."""

    TYPE = "referral.redeemed"
    stage: str
    """``payment``."""
    snapshots: tuple[Snapshot, ...]


class Released(CheckoutReply):
    """The uses are available again."""

    TYPE = "referral.released"
    snapshots: tuple[Snapshot, ...]


ReferralFact = Applied | Redeemed | Released
