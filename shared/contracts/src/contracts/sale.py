"""The priced sale: the parts that messages of carts, prices and orders have in common.

Amounts are integers in the minor unit of the currency named beside them.
"""

from datetime import datetime
from uuid import UUID

from contracts.envelope import Part


class Money(Part):
    amount: int
    currency: str


class Destination(Part):
    """The part of the address that prices and taxes depend on; no more is stored."""

    country: str
    region: str | None = None


class Exposure(Part):
    """The variant of an experiment that a session saw; ``exposure_id`` is the stream of that fact."""

    experiment_id: UUID
    variant_id: UUID
    exposure_id: UUID


class LineFulfillment(Part):
    """What is needed to hand a line over."""

    course_ids: tuple[str, ...] = ()
    """The courses of a bundle: ids of products here, or keys of another system."""
    vendor_id: str | None = None
    """Whose goods they are: each vendor's are shipped by themselves."""
    asset: str | None = None
    """Of a digital product: the key of its file in the shop's asset store."""


class SaleLine(Part):
    line_id: str
    product_id: UUID
    offer_id: UUID | None = None
    product_type: str
    sku: str
    name: str
    quantity: int
    unit_price: int
    discount: int
    tax: int
    total: int
    """The amount to pay for this line: after discount, with tax."""
    units: int = 1
    """Units of the product in one of the line's quantity: an offer may hold several."""
    upsell_id: UUID | None = None
    campaign_id: UUID | None = None
    """The campaign that made the unit price."""
    campaign_saving: int = 0
    """What the sale of this line costs the campaign: the base price less the unit price, for each of its
    quantity."""
    experiment: Exposure | None = None
    gift_seats: int = 0
    """Seats of a team licence that are for others."""
    plan_id: str | None = None
    fulfillment: LineFulfillment | None = None


class Referral(Part):
    """Why a referral discount was given."""

    program_id: UUID
    rule_id: UUID
    attribution_id: UUID
    referrer_id: str


class AppliedDiscount(Part):
    code: str | None = None
    promotion_id: UUID
    kind: str
    amount: int
    allocation: dict[str, int] = {}
    """Line id to its share of the amount. A discount on shipping has the one key ``shipping``."""
    referral: Referral | None = None


class Totals(Part):
    subtotal: int
    discount: int
    shipping: int
    tax: int
    total: int


class Shipping(Part):
    """The chosen way of shipping. ``total`` is the price after discount, with tax."""

    option_id: UUID | None = None
    name: str
    price: int
    discount: int = 0
    tax: int = 0
    total: int
    fallback: bool = False
    """Whether the calculation failed, so that the default rate is charged."""


class Policy(Part):
    """How the amounts were rounded; see ``pricing_policy``."""

    rounding_mode: str = "half_up"
    tax_rounding: str = "line"


class Sale(Part):
    """A priced cart that no longer changes."""

    currency: str
    lines: tuple[SaleLine, ...]
    discounts: tuple[AppliedDiscount, ...] = ()
    totals: Totals
    destination: Destination | None = None
    """None if it is unknown; then no tax is due."""
    priced_at: datetime | None = None
    """The moment by which windows and rules were judged."""
    shipping: Shipping | None = None
    policy: Policy | None = None
