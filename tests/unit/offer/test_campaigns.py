"""Campaigns: when they run, what they do to prices, and their budgets."""

from datetime import timedelta
from uuid import UUID

import pytest

from contracts import campaign as facts
from contracts import offer as offers
from contracts.campaign import CampaignChange, CampaignDetails
from contracts.sale import Money
from offer.campaigns.domain.campaign import Campaign
from offer.campaigns.domain.errors import CampaignStatusConflict
from offer.campaigns.use_cases import campaigns
from offer.campaigns.use_cases.campaigns import LISTED, ChangeCampaign
from offer.campaigns.use_cases.prices import ACTIVE_KEY, CAMPAIGN_WINDOW, pass_window
from offer.catalogue.domain.errors import Invalid
from offer.offers.domain.errors import CampaignNotFound, OfferNotFound
from tests.support.scenario import NOW, Scenario, given, stamp

CAMPAIGN, OFFER, CHECKOUT = UUID(int=1), UUID(int=2), UUID(int=3)
FIFTEEN_OFF = CampaignChange(type="percentage", value="15")
HOUR = timedelta(hours=1)


def details(**fields: object) -> CampaignDetails:
    return CampaignDetails.model_validate(
        {"name": "Sale", "change": FIFTEEN_OFF, "offer_ids": (OFFER,), **fields}
    )


def offer_created() -> offers.Created:
    component = offers.Component(product_id=UUID(int=9), position=0)
    return offers.Created(
        **stamp(OFFER),
        details=offers.OfferDetails(
            slug="kit",
            name="Kit",
            type="course",
            products=(component,),
            price=offers.OfferPrice(currency="USD", base=9900),
            shipping=offers.OfferShipping(requires_shipping=False),
        ),
    )


def active(**fields: object) -> Scenario:
    scenario = given(
        offer_created(),
        facts.Created(**stamp(CAMPAIGN), details=details(**fields)),
        facts.Started(**stamp(CAMPAIGN)),
    )
    return scenario.claimed(ACTIVE_KEY, str(CAMPAIGN), CAMPAIGN)


def price_changed(previous: int, current: int) -> offers.PriceChanged:
    price = offer_created().details.price
    return offers.PriceChanged(
        **stamp(OFFER),
        old=price,
        new=price,
        previous_current=previous,
        current=current,
        currency="USD",
        reason="campaign",
    )


def test_a_campaign_that_begins_to_run_changes_the_prices_of_its_offers() -> None:
    draft = given(offer_created(), facts.Created(**stamp(CAMPAIGN), details=details()))
    started = draft.when(campaigns.activate_campaign, CAMPAIGN)
    started.then(facts.Started(**stamp(CAMPAIGN)), price_changed(9900, 8415))
    started.then_holds(ACTIVE_KEY, str(CAMPAIGN), CAMPAIGN)


def test_a_campaign_outside_its_window_changes_no_price_until_the_window_opens() -> None:
    scenario = active(starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR)
    scenario.when(campaigns.activate_campaign, CAMPAIGN).then_nothing()
    opened = scenario.at(NOW + HOUR).when(pass_window, CAMPAIGN)
    opened.then(price_changed(9900, 8415)).then_timer(CAMPAIGN_WINDOW, CAMPAIGN, NOW + 2 * HOUR)


def test_a_paused_campaign_gives_the_prices_back() -> None:
    scenario = active()
    scenario.when(pass_window, CAMPAIGN).then(price_changed(9900, 8415))
    paused = scenario.when(campaigns.pause_campaign, CAMPAIGN)
    paused.then(facts.Paused(**stamp(CAMPAIGN)), price_changed(8415, 9900))
    paused.then_holds(ACTIVE_KEY, str(CAMPAIGN), None)


def test_an_ended_campaign_stays_ended() -> None:
    ended = active().when(campaigns.end_campaign, CAMPAIGN).when(campaigns.end_campaign, CAMPAIGN)
    ended.then_nothing().when(campaigns.activate_campaign, CAMPAIGN)
    ended.then_refused(CampaignStatusConflict, campaign_status="ended")


def test_an_offer_that_is_not_there_and_another_currency_are_refused() -> None:
    given().when(campaigns.create_campaign, details()).then_refused(OfferNotFound, offer_id=str(OFFER))
    budget = Money(amount=100, currency="EUR")
    given(offer_created()).when(campaigns.create_campaign, details(budget=budget)).then_refused(Invalid)


def test_a_promotion_has_one_campaign_until_that_has_ended() -> None:
    promotion_id = UUID(int=8)
    wanted = details(offer_ids=(), promotion_ids=(promotion_id,))
    scenario = given().claimed("promotion", str(promotion_id), promotion_id)
    scenario.when(campaigns.create_campaign, wanted)
    scenario.when(campaigns.create_campaign, wanted).then_refused(Invalid)


@pytest.mark.parametrize(
    "change", [("percentage", "0"), ("percentage", "100.01"), ("fixed_amount", "0"), ("set_price", "1.5")]
)
def test_a_change_of_price_is_possible(change: tuple[str, str]) -> None:
    wrong = details(offer_ids=(), change=CampaignChange(type=change[0], value=change[1]))
    given().when(campaigns.create_campaign, wrong).then_refused(Invalid)


def budgeted(amount: int) -> Campaign:
    campaign = Campaign.empty(CAMPAIGN)
    campaign.decide_at(NOW)
    campaign.create(details(budget=Money(amount=amount, currency="USD")))
    campaign.start()
    return campaign


def test_e16_the_third_sale_does_not_fit_into_the_budget_and_exhausts_the_campaign() -> None:
    campaign = budgeted(3000)
    for checkout in range(2):
        assert campaign.fits(1485)
        campaign.hold(UUID(int=checkout), 1485)
    assert not campaign.fits(1485)
    campaign.refuse(1485)
    assert (campaign.held, campaign.remaining, campaign.exhausted) == (2970, 30, True)
    assert not campaign.runs_at(NOW)
    assert not campaign.fits(10), "an exhausted campaign takes nothing"


def test_room_in_the_budget_takes_the_exhaustion_back() -> None:
    campaign = budgeted(3000)
    campaign.hold(CHECKOUT, 2000)
    campaign.refuse(1485)
    campaign.change(details(budget=Money(amount=3400, currency="USD")))
    assert campaign.exhausted, "still less than what did not fit"
    campaign.release(CHECKOUT, 2000, was_used=False)
    assert (campaign.exhausted, campaign.held, campaign.remaining) == (False, 0, 3400)


def test_what_is_used_stays_used_until_its_checkout_is_compensated() -> None:
    campaign = budgeted(3000)
    campaign.hold(CHECKOUT, 2000)
    campaign.use(CHECKOUT, 2000)
    assert (campaign.held, campaign.used, campaign.remaining) == (0, 2000, 1000)
    campaign.release(CHECKOUT, 2000, was_used=True)
    assert (campaign.held, campaign.used, campaign.remaining) == (0, 0, 3000)


def test_a_new_campaign_is_listed() -> None:
    scenario = given().when(campaigns.create_campaign, details(offer_ids=()))
    created: Campaign = scenario.result
    scenario.then_holds(LISTED, str(created.id), created.id)


def test_a_campaign_that_is_not_there_cannot_be_changed() -> None:
    change = ChangeCampaign(UUID(int=77), {"name": "Other"})
    given().when(campaigns.change_campaign, change).then_refused(CampaignNotFound)
