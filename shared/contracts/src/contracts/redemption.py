"""All that can happen to one checkout's uses of promotions; the effect on each is told by ``promotion``."""

from uuid import UUID

from contracts.checkout_requests import CheckoutReply
from contracts.promotion import ReservationRefused


class Made(CheckoutReply):
    TYPE = "redemption.made"
    promotion_ids: tuple[UUID, ...]
    customer_id: str


class Redeemed(CheckoutReply):
    TYPE = "redemption.redeemed"
    promotion_ids: tuple[UUID, ...]


class Released(CheckoutReply):
    """Also of uses that were never held: then this is the tombstone that refuses a late request."""

    TYPE = "redemption.released"


RedemptionFact = Made | Redeemed | Released | ReservationRefused
