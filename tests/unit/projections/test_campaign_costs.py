"""What campaigns cost: used by sales, and given back on the day on which they were compensated."""

from __future__ import annotations

from datetime import UTC, date, datetime

from contracts import campaign
from contracts.sale import Money
from projections.models.campaign_costs.model import CAMPAIGN_COSTS
from tests.support.shoppers import Story, named
from tests.unit.projections.expected_rows import of_one_tenant

JANUARY = datetime(2026, 1, 31, 12, tzinfo=UTC)
DAY, NEXT = date(2026, 1, 31), date(2026, 2, 1)
SALE, CHECKOUT = named("sale"), named("checkout")


def test_a_campaign_costs_what_it_has_used_less_what_came_back() -> None:
    story = Story(JANUARY)
    details = campaign.CampaignDetails(name="Sale", budget=Money(amount=10_000, currency="USD"))
    story.tell(campaign.Created, SALE, details=details)
    for _ in range(2):
        story.tell(campaign.BudgetHeld, SALE, checkout_id=CHECKOUT, amount=300)
        story.tell(campaign.BudgetUsed, SALE, checkout_id=CHECKOUT, amount=300)
    story.later(days=1)
    story.tell(campaign.BudgetReleased, SALE, checkout_id=CHECKOUT, amount=300, was_used=True)
    story.tell(campaign.BudgetReleased, SALE, checkout_id=CHECKOUT, amount=700)
    assert of_one_tenant(CAMPAIGN_COSTS, story.happened) == {
        (SALE, "USD", DAY, DAY): (600,),
        (SALE, "USD", NEXT, NEXT): (-300,),
    }
