"""The result of pricing: every amount of a basket, and the data to explain each."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.sale import Referral
from pricing.promotions import Reason
from pricing.rounding import Rounding
from pricing.shipping import ShippingCharge
from pricing.tax import TaxRate


@dataclass(frozen=True, slots=True)
class AppliedDiscount:
    """A promotion that was applied. The allocation, by line id or ``SHIPPING``, adds up to the amount."""

    promotion_id: str
    code: str | None
    kind: str
    amount: int
    allocation: Mapping[str, int]
    cap: int | None
    basis: int
    """What was left, when it was applied, of the parts that it was worked out on."""
    granted: int
    """What its terms give, before the cap and the basis limit it."""
    how: str
    """How that was worked out."""
    referral: Referral | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    promotion_id: str
    code: str | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One line. `discounts`: promotion id to its share; `rate`: None if no tax is due."""

    line_id: str
    quantity: int
    unit_price: int
    subtotal: int
    discount: int
    tax: int
    total: int
    discounts: Mapping[str, int]
    rate: TaxRate | None
    price_source: str = ""

    @property
    def taxable(self) -> int:
        return self.subtotal - self.discount


@dataclass(frozen=True, slots=True)
class PricedShipping:
    """The shipping. ``discounts``: promotion id to its share; ``total``: what is paid, with the tax."""

    charge: ShippingCharge
    discount: int
    tax: int
    total: int
    discounts: Mapping[str, int]
    rate: TaxRate | None

    @property
    def taxable(self) -> int:
        return self.charge.price - self.discount


@dataclass(frozen=True, slots=True)
class Totals:
    """`discount` is that of the goods, `shipping` what is charged after discounts. `tax` is all tax, both on
    top of prices and included in them."""

    subtotal: int
    discount: int
    shipping: int
    tax: int
    total: int


@dataclass(frozen=True, slots=True)
class Priced:
    currency: str
    lines: tuple[PricedLine, ...]
    discounts: tuple[AppliedDiscount, ...]
    rejected: tuple[Rejected, ...]
    totals: Totals
    rounding: Rounding
    shipping: PricedShipping | None = None
    cannot_be_shipped: bool = False
    """Something needs shipping, and none of the shop's rates can ship it there: it must not be sold so."""
