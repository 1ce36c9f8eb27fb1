"""The facts of one checkout's reservation of stock. The effect on each stock is a fact in ``stock``."""

from datetime import datetime
from uuid import UUID

from contracts.checkout_requests import CheckoutReply
from contracts.envelope import Fact, Part
from contracts.offer import Wanted
from contracts.stock import ReservationRefused


class CoursesOfBundle(Part):
    """Each unit of the bundle holds a seat in every one of the courses that has a stock record."""

    product_id: UUID
    course_ids: tuple[UUID, ...]


class Made(CheckoutReply):
    """``held`` are the units held in stocks; products without a stock record are unlimited."""

    TYPE = "reservation.made"
    held: tuple[Wanted, ...]
    expires_at: datetime
    asked: tuple[Wanted, ...] | None = None
    """What was asked for, without the courses of bundles. None in older facts, and in a repeated reply."""
    courses: tuple[CoursesOfBundle, ...] | None = None
    """Of the bundles that were asked for, as they were then: with ``asked`` they tell what is held for which
    product. None in older facts, and in a repeated reply."""


class Extended(CheckoutReply):
    """The units are held until ``expires_at``, which is not before the time that was asked for."""

    TYPE = "reservation.extended"
    expires_at: datetime


class ExtensionRefused(CheckoutReply):
    """The units are not held any more, or never were."""

    TYPE = "reservation.extension_refused"
    code: str
    detail: str
    until: datetime
    """The time that was asked for."""


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


ReservationFact = (
    Made
    | Extended
    | ExtensionRefused
    | Confirmed
    | Released
    | Expired
    | ConfirmationRefused
    | ReservationRefused
)
