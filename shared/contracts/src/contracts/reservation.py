"""All that can happen to one checkout's claim on stock; the effect on each product is told by ``stock``."""

from datetime import datetime

from contracts.envelope import Answer, Fact
from contracts.offer import Wanted
from contracts.stock import ReservationRefused


class Made(Answer):
    """``held`` are the units taken from a stock; products without a stock record are unlimited."""

    TYPE = "reservation.made"
    held: tuple[Wanted, ...]
    expires_at: datetime


class Confirmed(Answer):
    TYPE = "reservation.confirmed"
    held: tuple[Wanted, ...]


class Released(Answer):
    """Also of a claim that was never made: then this is the tombstone that refuses a late one."""

    TYPE = "reservation.released"


class Expired(Fact):
    TYPE = "reservation.expired"


class ConfirmationRefused(Answer):
    """The reservation had expired and the units are gone."""

    TYPE = "reservation.confirmation_refused"
    code: str
    detail: str


ReservationFact = Made | Confirmed | Released | Expired | ConfirmationRefused | ReservationRefused
