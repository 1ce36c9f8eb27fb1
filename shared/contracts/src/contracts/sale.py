"""The priced sale: the parts that messages of carts, prices and orders have in common.

Amounts are integers in the minor unit of the currency named beside them.
"""

from uuid import UUID

from contracts.envelope import Part


class Money(Part):
    amount: int
    currency: str


class Destination(Part):
    """The part of the address that prices and taxes depend on; no more is stored."""

    country: str
    region: str | None = None


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


class AppliedDiscount(Part):
    code: str | None = None
    promotion_id: UUID
    kind: str
    amount: int
    allocation: dict[str, int] = {}
    """Line id to its share of the amount."""


class Totals(Part):
    subtotal: int
    discount: int
    shipping: int
    tax: int
    total: int


class Sale(Part):
    """A priced cart that no longer changes."""

    currency: str
    lines: tuple[SaleLine, ...]
    discounts: tuple[AppliedDiscount, ...] = ()
    totals: Totals
    destination: Destination | None = None
    """None if it is unknown; then no tax is due."""
