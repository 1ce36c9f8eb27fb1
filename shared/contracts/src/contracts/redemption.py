"""All that can happen to one checkout's uses of promotions; the effect on each is told by ``promotion``."""

from uuid import UUID

from contracts.envelope import Answer
from contracts.promotion import ReservationRefused


class Made(Answer):
    TYPE = "redemption.made"
    promotion_ids: tuple[UUID, ...]
    customer_id: str


class Redeemed(Answer):
    TYPE = "redemption.redeemed"
    promotion_ids: tuple[UUID, ...]


class Released(Answer):
    """Also of uses that were never held: then this is the tombstone that refuses a late request."""

    TYPE = "redemption.released"


RedemptionFact = Made | Redeemed | Released | ReservationRefused
