"""All that can happen to one checkout's claim on stock; the effect on each product is told by ``stock``."""

from datetime import datetime

from contracts.checkout_requests import CheckoutReply
from contracts.envelope import Fact
from contracts.offer import Wanted
from contracts.stock import ReservationRefused


class Made(CheckoutReply):
    """``held`` are the units taken from a stock; products without a stock record are unlimited."""

    TYPE = "reservation.made"
    held: tuple[Wanted, ...]
    expires_at: datetime


class Confirmed(CheckoutReply):
    TYPE = "reservation.confirmed"
    held: tuple[Wanted, ...]


class Released(CheckoutReply):
    """Also of a claim that was never made: then this is the tombstone that refuses a late one."""

    TYPE = "reservation.released"


class Expired(Fact):
    TYPE = "reservation.expired"


class ConfirmationRefused(CheckoutReply):
    """The reservation had expired and the units are gone."""

    TYPE = "reservation.confirmation_refused"
    code: str
    detail: str


ReservationFact = Made | Confirmed | Released | Expired | ConfirmationRefused | ReservationRefused
