"""The facts of the stock of one product. Quantities are units."""

from datetime import datetime
from uuid import UUID

from contracts.checkout_requests import CheckoutReply
from contracts.envelope import Fact, Part


class Adjusted(Fact):
    """A stock count: ``on_hand`` replaces the previous number."""

    TYPE = "stock.adjusted"
    product_id: UUID
    on_hand: int
    allow_backorders: bool


class Received(Fact):
    """A receipt: ``quantity`` units were added."""

    TYPE = "stock.received"
    product_id: UUID
    quantity: int
    restock_id: UUID | None = None
    """The stream of ``restock.made`` by which units that were sold came back; None: new goods."""


class Reserved(Fact):
    """Units are held for a checkout."""

    TYPE = "stock.reserved"
    product_id: UUID
    checkout_id: UUID
    quantity: int
    expires_at: datetime | None = None
    """From then on the units are available again, whether or not that has been recorded."""


class Extended(Fact):
    """The units that a checkout holds are held until a later time."""

    TYPE = "stock.extended"
    product_id: UUID
    checkout_id: UUID
    expires_at: datetime


class Confirmed(Fact):
    """The units are sold: they are no longer on hand and no longer reserved."""

    TYPE = "stock.confirmed"
    product_id: UUID
    checkout_id: UUID
    quantity: int


class Released(Fact):
    """The held units are available again."""

    TYPE = "stock.released"
    product_id: UUID
    checkout_id: UUID
    quantity: int


class Expired(Fact):
    """The hold has expired; its units are available again."""

    TYPE = "stock.expired"
    product_id: UUID
    checkout_id: UUID
    quantity: int


class Shortage(Part):
    product_id: UUID
    requested: int
    available: int


class ReservationRefused(CheckoutReply):
    """No stock was changed; recorded in the reservation's stream."""

    TYPE = "stock.reservation_refused"
    code: str
    detail: str
    shortages: tuple[Shortage, ...] = ()


StockFact = Adjusted | Received | Reserved | Extended | Confirmed | Released | Expired
