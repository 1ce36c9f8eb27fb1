"""All that can happen to the stock of one product. Quantities are units."""

from datetime import datetime
from uuid import UUID

from contracts.checkout_requests import CheckoutReply
from contracts.envelope import Fact, Part


class Adjusted(Fact):
    """A count: what lies on the shelf now, whatever the books said before."""

    TYPE = "stock.adjusted"
    product_id: UUID
    on_hand: int
    allow_backorders: bool


class Received(Fact):
    TYPE = "stock.received"
    product_id: UUID
    quantity: int


class Reserved(Fact):
    TYPE = "stock.reserved"
    product_id: UUID
    checkout_id: UUID
    quantity: int
    expires_at: datetime | None = None
    """From then on the units are for sale again, whether or not that has been recorded."""


class Confirmed(Fact):
    """Sold: the units leave the shelf and the reservation together."""

    TYPE = "stock.confirmed"
    product_id: UUID
    checkout_id: UUID
    quantity: int


class Released(Fact):
    TYPE = "stock.released"
    product_id: UUID
    checkout_id: UUID
    quantity: int


class Expired(Fact):
    """The reservation was held for too long and its units are for sale again."""

    TYPE = "stock.expired"
    product_id: UUID
    checkout_id: UUID
    quantity: int


class Shortage(Part):
    product_id: UUID
    requested: int
    available: int


class ReservationRefused(CheckoutReply):
    """Stands in the reservation's stream: nothing happened to any stock."""

    TYPE = "stock.reservation_refused"
    code: str
    detail: str
    shortages: tuple[Shortage, ...] = ()


StockFact = Adjusted | Received | Reserved | Confirmed | Released | Expired
