"""The facts of upsells: products that are proposed beside an offer, or after its purchase, at a reduced
price."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.checkout_requests import CheckoutReply
from contracts.envelope import Fact, Part
from contracts.sale import Sale


class Reduction(Part):
    """What the product costs less. ``value``: a percentage as a decimal number, or minor units; a string,
    because it is exact."""

    type: str
    """``percentage`` or ``fixed_amount``."""
    value: str


class Trigger(Part):
    """The conditions under which the upsell is proposed. Cart values are minor units of the offer's
    currency."""

    minimum_cart_value: int | None = None
    maximum_cart_value: int | None = None
    required_products: tuple[UUID, ...] = ()
    customer_segments: tuple[str, ...] = ()
    show_after_seconds: int = 0
    hide_after_seconds: int | None = None


class Urgency(Part):
    """The time limit: ``seconds`` after the upsell was first proposed for a cart, or a moment for all."""

    seconds: int | None = None
    ends_at: datetime | None = None


class UpsellDetails(Part):
    type: str
    """``upsell``, ``downsell``, ``cross_sell`` or ``order_bump``."""
    product_id: UUID
    name: str
    description: str | None = None
    quantity: int = 1
    discount: Reduction
    trigger: Trigger = Trigger()
    auto_add: bool = False
    position: str = "after_products"
    """Where a storefront shows it."""
    priority: int = 0
    urgency: Urgency | None = None
    design: dict[str, Any] = {}
    """The storefront's own: template, animation and the like."""
    post_purchase: bool = False


class Created(Fact):
    TYPE = "upsell.created"
    offer_id: UUID
    details: UpsellDetails


class Changed(Fact):
    """``details`` are the complete details after the change."""

    TYPE = "upsell.changed"
    offer_id: UUID
    details: UpsellDetails


class Removed(Fact):
    TYPE = "upsell.removed"
    offer_id: UUID


UpsellFact = Created | Changed | Removed


class Proposal(Part):
    """An upsell that can be bought at the price of this sale, also if the catalogue has changed since."""

    upsell_id: UUID
    product_id: UUID
    name: str
    quantity: int
    sale: Sale
    digest: str
    """SHA-256 over every amount and the rounding policy, as in ``price.confirmed``."""


class Origin(Part):
    """Which proposal a checkout buys; such a checkout has no cart of its own."""

    kind: str = "upsell"
    order_id: UUID
    """The order after which it was proposed."""
    upsell_id: UUID
    attempt: int
    """Counts the checkouts that were started for the proposal."""


class Proposed(CheckoutReply):
    """What the buyer of an order is proposed afterwards; its stream is derived from the order."""

    TYPE = "upsell.proposed"
    upsells: tuple[Proposal, ...]
