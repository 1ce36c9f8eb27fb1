"""What the catalogue says of a checkout's price."""

from contracts.checkout_requests import CheckoutReply
from contracts.sale import Totals


class Confirmed(CheckoutReply):
    TYPE = "price.confirmed"
    totals: Totals
    digest: str
    """SHA-256 over every amount and how it came about."""


class Refused(CheckoutReply):
    TYPE = "price.refused"
    code: str
    detail: str
    totals: Totals | None = None
    """What it costs now, where it can be said."""


PriceFact = Confirmed | Refused
