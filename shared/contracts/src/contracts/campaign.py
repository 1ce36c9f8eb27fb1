"""The facts of campaigns: a change of prices and promotions, with a time window and a budget."""

from datetime import datetime
from uuid import UUID

from contracts.envelope import Fact, Part
from contracts.sale import Money

MAX_OFFERS = 500


class CampaignChange(Part):
    """How an offer's base price changes. ``value``: a percentage as a decimal number, or minor units of the
    offer's currency; a string, because it is exact."""

    type: str
    """``percentage``, ``fixed_amount`` or ``set_price``."""
    value: str


class CampaignDetails(Part):
    name: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    budget: Money | None = None
    change: CampaignChange | None = None
    offer_ids: tuple[UUID, ...] = ()
    promotion_ids: tuple[UUID, ...] = ()


class Created(Fact):
    TYPE = "campaign.created"
    details: CampaignDetails


class Changed(Fact):
    """``details`` are the complete details after the change."""

    TYPE = "campaign.changed"
    details: CampaignDetails


class Started(Fact):
    """The campaign was activated; it runs inside its window."""

    TYPE = "campaign.started"


class Paused(Fact):
    TYPE = "campaign.paused"


class Ended(Fact):
    """The campaign is over for good."""

    TYPE = "campaign.ended"


class Exhausted(Fact):
    """A sale did not fit into what is left of the budget; the campaign changes no price from then on."""

    TYPE = "campaign.exhausted"
    refused: int = 0
    """The amount that did not fit."""


class Reopened(Fact):
    """There is room in the budget again."""

    TYPE = "campaign.reopened"


class BudgetHeld(Fact):
    """``amount``: minor units of the budget's currency."""

    TYPE = "campaign.budget_held"
    checkout_id: UUID
    amount: int


class BudgetUsed(Fact):
    TYPE = "campaign.budget_used"
    checkout_id: UUID
    amount: int


class BudgetReleased(Fact):
    """``was_used``: the amount had been used, and the whole checkout is compensated."""

    TYPE = "campaign.budget_released"
    checkout_id: UUID
    amount: int
    was_used: bool = False


CampaignFact = (
    Created
    | Changed
    | Started
    | Paused
    | Ended
    | Exhausted
    | Reopened
    | BudgetHeld
    | BudgetUsed
    | BudgetReleased
)
