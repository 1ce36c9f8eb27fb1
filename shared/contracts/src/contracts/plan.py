"""The facts of subscription plans: what a subscription costs, how its time is counted, what it contains."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.envelope import Fact, Part
from contracts.sale import Money

MAX_PRODUCTS = 500
"""Of one plan: a change of its terms changes all of them in one save."""


class BillingCycle(Part):
    """A period is ``count`` intervals long."""

    interval: str
    """``day``, ``week``, ``month`` or ``year``."""
    count: int = 1


class AddOn(Part):
    """What a subscription may have besides its plan. Its price is for one of it and one coverage."""

    add_on_id: UUID
    code: str
    name: str
    prices: tuple[Money, ...]
    type: str
    """The shop's own word."""
    auto_include: bool = False
    """Whether a subscription has one from its start."""
    every: int | None = None
    """The periods of one coverage. None: it is charged once, and has no coverage."""
    max_quantity: int = 1


class Tier(Part):
    """``unit_amount``: minor units, as an exact decimal number, for units up to ``up_to``, this one included.
    None: the last tier."""

    up_to: int | None = None
    unit_amount: str


class MeterPrice(Part):
    """In one currency, by the meter's model: ``unit_amount``, as an exact decimal number of minor units, of
    ``per_unit``; ``tiers`` of ``graduated`` and ``volume``; ``size`` and ``amount`` of ``package``."""

    currency: str
    unit_amount: str | None = None
    tiers: tuple[Tier, ...] = ()
    size: int | None = None
    amount: int | None = None


class Meter(Part):
    """What is counted of a subscription's usage, and what it costs."""

    meter: str
    """Its name in reports of usage."""
    name: str
    aggregation: str
    """``sum``, ``max``, ``last`` or ``unique``."""
    model: str
    """``per_unit``, ``graduated``, ``volume`` or ``package``."""
    included: int = 0
    """Units of a period that cost nothing."""
    prices: tuple[MeterPrice, ...]


class Dunning(Part):
    """What follows a refused renewal. Days are counted from when the invoice was due."""

    retry_days: tuple[int, ...] = (1, 3, 5, 7)
    suspend_after_days: int = 7
    end_after_days: int = 14
    end: str = "cancel"
    """``cancel``, ``pause`` or ``unpaid``."""


class PlanTerms(Part):
    """All terms of a plan. Every period is charged in advance, and usage afterwards."""

    code: str
    name: str
    billing_cycle: BillingCycle
    prices: tuple[Money, ...]
    proration_unit: str = "second"
    """``second``, ``minute`` or ``day``, in which the time of subscriptions is counted."""
    trial_days: int = 0
    trial_end_without_payment: str = "cancel"
    """``cancel`` or ``pause``: what becomes of a trial that ends without a payment method."""
    anchor_day: int | None = None
    """The day of the month on which periods begin. None: that of the start."""
    features: tuple[str, ...] = ()
    limits: dict[str, int] = {}
    add_ons: tuple[AddOn, ...] = ()
    meters: tuple[Meter, ...] = ()
    usage_grace_hours: int = 0
    """How long after a period its usage may be reported before it is invoiced."""
    tax_category: str | None = None
    tax_inclusive: bool | None = None
    """Whether prices contain the tax. None: as the tax rate says."""
    dunning: Dunning = Dunning()
    metadata: dict[str, Any] = {}


class Created(Fact):
    """The plan exists, and is active."""

    TYPE = "plan.created"
    terms: PlanTerms
    terms_version: int


class Changed(Fact):
    """``terms`` are the complete terms after the change. Other prices, meters, add-ons, features or limits
    have the next ``terms_version``."""

    TYPE = "plan.changed"
    terms: PlanTerms
    terms_version: int


class Archived(Fact):
    """The plan takes no more subscriptions, for good; running ones go on."""

    TYPE = "plan.archived"


class MigrationOrdered(Fact):
    """Every subscription on the terms of this version takes the plan's current ones with its first renewal
    at ``not_before`` or later."""

    TYPE = "plan.migration_ordered"
    from_terms_version: int
    not_before: datetime


class ProductJoined(Fact):
    """The product is sold as a subscription to the plan: it has the plan's prices from now on."""

    TYPE = "plan.product_joined"
    product_id: UUID


class ProductLeft(Fact):
    """The product keeps the prices that it has."""

    TYPE = "plan.product_left"
    product_id: UUID


PlanFact = Created | Changed | Archived | MigrationOrdered | ProductJoined | ProductLeft
