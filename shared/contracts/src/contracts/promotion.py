"""The facts of promotions: their terms and their uses."""

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
    """Percent as a decimal number, or minor units of ``currency``; a string, because it is exact."""
    currency: str | None = None
    conditions: dict[str, Any] = {}
    limits: Limits = Limits()
    stacking: Stacking = Stacking()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    name: str | None = None
    value_type: str | None = None
    """What ``value`` is, for kinds that leave it open: ``percentage``, ``fixed_amount`` or
    ``fixed_price``."""
    rule: dict[str, Any] = {}
    """The kind's own terms: see the kind's module in ``pricing.promotion_kinds``."""


class Created(Fact):
    TYPE = "promotion.created"
    terms: Terms


class Changed(Fact):
    """``terms`` are the complete terms after the change."""

    TYPE = "promotion.changed"
    terms: Terms


class Disabled(Fact):
    """The promotion is disabled for good."""

    TYPE = "promotion.disabled"


class Reserved(Fact):
    """One use is held for a checkout."""

    TYPE = "promotion.reserved"
    checkout_id: UUID
    customer_id: str


class Redeemed(Fact):
    """A held use is final."""

    TYPE = "promotion.redeemed"
    checkout_id: UUID
    customer_id: str


class Released(Fact):
    """A held or redeemed use is available again."""

    TYPE = "promotion.released"
    checkout_id: UUID
    customer_id: str


class ReservationRefused(CheckoutReply):
    """No promotion was changed; recorded in the redemption's stream."""

    TYPE = "promotion.reservation_refused"
    code: str
    detail: str
    promotion_id: UUID | None = None


PromotionFact = Created | Changed | Disabled | Reserved | Redeemed | Released
