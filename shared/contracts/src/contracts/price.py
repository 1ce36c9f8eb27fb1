"""The facts of price checks."""

from contracts.checkout_requests import CheckoutReply
from contracts.sale import Totals


class Confirmed(CheckoutReply):
    """The cart's amounts equal the catalogue's."""

    TYPE = "price.confirmed"
    totals: Totals
    digest: str
    """SHA-256 over every amount and the rounding policy."""


class Refused(CheckoutReply):
    """The price has changed since the cart was priced."""

    TYPE = "price.refused"
    code: str
    detail: str
    totals: Totals | None = None
    """The current totals; None if a product can no longer be priced."""


PriceFact = Confirmed | Refused
