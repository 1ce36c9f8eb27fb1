"""The facts of referrers' rewards, one for each order that earned one, and of what referrers owe.

People are customer ids. Amounts are in minor units of the reward's currency.
"""

from datetime import datetime
from uuid import UUID

from contracts.envelope import Fact


class Granted(Fact):
    """The referee has paid an order that the rule rewards."""

    TYPE = "reward.granted"
    referrer_id: str
    referee_id: str
    program_id: UUID
    rule_id: UUID
    attribution_id: UUID
    order_id: UUID
    base: int
    """What was paid for the lines that the rule is for, without tax."""
    amount: int
    currency: str
    line_ids: tuple[str, ...]
    """Those lines."""
    confirm_at: datetime
    """When it is confirmed, unless a refund is open then."""


class RefundOpened(Fact):
    """A refund of the order was requested: until it ends the reward is not confirmed."""

    TYPE = "reward.refund_opened"
    refund_id: UUID


class Reversed(Fact):
    """A refund has ended, or the order was cancelled; ``amount`` is by how much more is reversed than before:
    negative if a refund failed after it was done, 0 if it gave nothing of the base back."""

    TYPE = "reward.reversed"
    amount: int
    refund_id: UUID | None = None
    """None: of everything, by the checkout or by a cancellation."""
    refunded_base: int = 0
    """What this refund gave back of the base."""
    cancelled: bool = False
    promotion_amount: int | None = None
    """What the promotion is worth after it; None before it is issued."""
    debt: int = 0
    """By how much the referrer's debt grows, because the amount had been issued and spent."""


class Confirmed(Fact):
    """``amount`` is what is left of the reward; it is issued now."""

    TYPE = "reward.confirmed"
    referrer_id: str
    order_id: UUID
    amount: int
    currency: str


class Issued(Fact):
    """The referrer has it as a promotion with one use. Without one all of it has paid debts."""

    TYPE = "reward.issued"
    referrer_id: str
    amount: int
    """What the promotion is worth: what is left of the reward, and ``debt``."""
    currency: str
    debt: int = 0
    """By how much the referrer's debt grows: negative, because the reward pays debts first."""
    promotion_id: UUID | None = None
    code: str | None = None
    ends_at: datetime | None = None


class Voided(Fact):
    """Nothing was left of it before it was issued."""

    TYPE = "reward.voided"


class DebtChanged(Fact):
    """In the stream of the referrer. Negative debt is what later rewards have to give in addition."""

    TYPE = "reward.debt_changed"
    referrer_id: str
    reward_id: UUID
    currency: str
    amount: int
    debt: int
    """After the change."""


RewardFact = Granted | RefundOpened | Reversed | Confirmed | Issued | Voided
ReferrerFact = DebtChanged
