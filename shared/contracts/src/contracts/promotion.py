"""All that can happen to a promotion: its terms, and who uses it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.checkout_requests import CheckoutReply
from contracts.envelope import Fact, Part


class Limits(Part):
    total: int | None = None
    per_customer: int | None = None


class Stacking(Part):
    mode: str = "stackable"
    priority: int = 0
    cap: int | None = None


class Terms(Part):
    code: str | None = None
    kind: str
    value: str
    """Percent as a decimal number, or minor units of ``currency``: exact, hence a string."""
    currency: str | None = None
    conditions: dict[str, Any] = {}
    limits: Limits = Limits()
    stacking: Stacking = Stacking()
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class Created(Fact):
    TYPE = "promotion.created"
    terms: Terms


class Changed(Fact):
    """``terms`` are those after the change, whole."""

    TYPE = "promotion.changed"
    terms: Terms


class Disabled(Fact):
    TYPE = "promotion.disabled"


class Reserved(Fact):
    TYPE = "promotion.reserved"
    checkout_id: UUID
    customer_id: str


class Redeemed(Fact):
    TYPE = "promotion.redeemed"
    checkout_id: UUID
    customer_id: str


class Released(Fact):
    TYPE = "promotion.released"
    checkout_id: UUID
    customer_id: str


class ReservationRefused(CheckoutReply):
    """Stands in the redemption's stream: nothing happened to any promotion."""

    TYPE = "promotion.reservation_refused"
    code: str
    detail: str
    promotion_id: UUID | None = None


PromotionFact = Created | Changed | Disabled | Reserved | Redeemed | Released
