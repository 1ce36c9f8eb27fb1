"""The facts of products in the catalogue."""

from typing import Any
from uuid import UUID

from contracts.envelope import Fact, Part
from contracts.plan import AddOn


class Price(Part):
    amount: int
    currency: str
    region: str | None = None
    segment: str | None = None


class RelatedProduct(Part):
    product_id: UUID
    relationship: str


class Media(Part):
    """A picture, a video or a file, by its address, which Feira never opens."""

    url: str
    kind: str = "image"
    alt: str | None = None
    position: int = 0


class DynamicRule(Part):
    """``when``: the conditions, which must all hold. ``percent``, as an exact decimal number, or ``amount``,
    in minor units, changes the price."""

    when: dict[str, Any] = {}
    percent: str | None = None
    amount: int | None = None


class Dynamic(Part):
    """The first rule that holds changes the price; the result stays between floor and ceiling, which are
    amounts by currency."""

    rules: tuple[DynamicRule, ...] = ()
    floor: dict[str, int] | None = None
    ceiling: dict[str, int] | None = None


class Details(Part):
    """A product's data, without its status."""

    sku: str
    name: str
    type: str
    prices: tuple[Price, ...]
    pricing_model: str = "fixed"
    tiers: tuple[dict[str, Any], ...] = ()
    """The fields of a price with ``min_quantity``: from so many units on it counts for all of them."""
    tax_category: str | None = None
    category: str | None = None
    collections: tuple[str, ...] = ()
    brand: str | None = None
    vendor_id: str | None = None
    weight_grams: int | None = None
    dimensions: dict[str, Any] | None = None
    options: dict[str, Any] | None = None
    course_ids: tuple[str, ...] = ()
    plan_id: str | None = None
    min_users: int | None = None
    max_users: int | None = None
    prerequisites: tuple[str, ...] = ()
    enrollment_limit: int | None = None
    related_products: tuple[RelatedProduct, ...] = ()
    metadata: dict[str, Any] = {}
    description: str | None = None
    media: tuple[Media, ...] = ()
    variant_of: UUID | None = None
    """The product of which this is one variant."""
    shipping_class: str | None = None
    dynamic: Dynamic | None = None
    asset: str | None = None
    """Of a digital product: the key of its file in the shop's asset store."""
    trial_days: int = 0
    """Of the plan, as are its add-ons."""
    add_ons: tuple[AddOn, ...] = ()


class Created(Fact):
    TYPE = "product.created"
    details: Details
    status: str


class Changed(Fact):
    """``details`` are the complete details after the change."""

    TYPE = "product.changed"
    details: Details


class Activated(Fact):
    TYPE = "product.activated"


class Archived(Fact):
    TYPE = "product.archived"


ProductFact = Created | Changed | Activated | Archived
