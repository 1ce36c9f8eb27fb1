"""The facts of one checkout's uses of promotions. The effect on each promotion is a fact in ``promotion``."""

from uuid import UUID

from contracts.checkout_requests import CheckoutReply
from contracts.envelope import Part
from contracts.offer import CampaignUse
from contracts.promotion import ReservationRefused


class HeldReferral(Part):
    rule_id: UUID
    attribution_id: UUID
    referrer_id: str


class Made(CheckoutReply):
    """One use of each promotion and referral rule, and the budget of each campaign, is held for the
    customer."""

    TYPE = "redemption.made"
    promotion_ids: tuple[UUID, ...]
    customer_id: str
    referrals: tuple[HeldReferral, ...] = ()
    campaigns: tuple[CampaignUse, ...] = ()


class Redeemed(CheckoutReply):
    """The held uses are final."""

    TYPE = "redemption.redeemed"
    promotion_ids: tuple[UUID, ...]


class Released(CheckoutReply):
    """The uses are available again. Recorded also if none was held, so that a late request is refused."""

    TYPE = "redemption.released"


RedemptionFact = Made | Redeemed | Released | ReservationRefused
