"""The facts of one checkout's reservation of stock. The effect on each stock is a fact in ``stock``."""

from datetime import datetime

from contracts.checkout_requests import CheckoutReply
from contracts.envelope import Fact
from contracts.offer import Wanted
from contracts.stock import ReservationRefused


class Made(CheckoutReply):
    """``held`` are the units held in stocks; products without a stock record are unlimited."""

    TYPE = "reservation.made"
    held: tuple[Wanted, ...]
    expires_at: datetime


class Confirmed(CheckoutReply):
    """The units ``held`` are sold."""

    TYPE = "reservation.confirmed"
    held: tuple[Wanted, ...]


class Released(CheckoutReply):
    """Held units are available again; sold units stay sold. Recorded also if none was held, so that a late
    request is refused."""

    TYPE = "reservation.released"


class Expired(Fact):
    """The time of the reservation is over; its units are available again."""

    TYPE = "reservation.expired"


class ConfirmationRefused(CheckoutReply):
    """Nothing is sold: the units are not available, or the checkout was cancelled."""

    TYPE = "reservation.confirmation_refused"
    code: str
    detail: str


ReservationFact = Made | Confirmed | Released | Expired | ConfirmationRefused | ReservationRefused
