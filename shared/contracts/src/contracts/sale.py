"""What is being sold and for how much: the parts that carts, prices and orders have in common.

Amounts are integers in the minor unit of the currency named beside them.
"""

from uuid import UUID

from contracts.envelope import Part


class Money(Part):
    amount: int
    currency: str


class Destination(Part):
    """Where the goods go, as far as prices and taxes ask for it: no more of an address is kept."""

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
    """What the customer pays for this line: after discount, with tax."""


class AppliedDiscount(Part):
    code: str | None = None
    promotion_id: UUID
    kind: str
    amount: int
    allocation: dict[str, int] = {}
    """Line id to the share of the amount that it bears."""


class Totals(Part):
    subtotal: int
    discount: int
    shipping: int
    tax: int
    total: int


class Sale(Part):
    """A priced cart, frozen."""

    currency: str
    lines: tuple[SaleLine, ...]
    discounts: tuple[AppliedDiscount, ...] = ()
    totals: Totals
    destination: Destination | None = None
    """None: nothing is known of where it goes, and no tax is due."""
