"""Upsells, order bumps and funnels of offers, and offers that are made of one product."""

from uuid import UUID

import pytest

from contracts import funnel as funnel_facts
from contracts import upsell as facts
from contracts.envelope import Fact
from contracts.funnel import CustomerValue, FunnelStep, StepConditions
from contracts.upsell import Reduction, Trigger, UpsellDetails, Urgency
from offer.catalogue.domain.errors import Invalid, ProductNotFound
from offer.offers.domain.errors import OfferNotFound, PriceMissing, SlugExists
from offer.offers.domain.slugs import candidates, slug_of
from offer.upsells.domain.errors import FunnelStepNotFound, UpsellNotFound
from offer.upsells.domain.funnel import funnel_id
from offer.upsells.use_cases.from_product import FromProduct, OfferOfProduct, Skipped, make_offer
from offer.upsells.use_cases.funnels import (
    AddStep,
    ChangeStep,
    RemoveStep,
    add_step,
    change_step,
    remove_step,
)
from offer.upsells.use_cases.upsells import (
    MAX_UPSELLS,
    ChangeUpsell,
    CreateUpsell,
    UpsellRef,
    change_upsell,
    create_upsell,
    remove_upsell,
)
from tests.support.scenario import given, stamp
from tests.unit.offer.examples import BOOK, CD, activated, archived, created, named, on_sale
from tests.unit.offer.examples import details as product_details
from tests.unit.offer.offer_examples import CAMPAIGN, OFFER, FakeCampaigns, offer_created

BUMP, OTHER_OFFER = named("bump"), named("other offer")
STEP = named("step")
REF = UpsellRef(OFFER, BUMP, is_bump=True)
OFFERED = (*on_sale(CD), *on_sale(BOOK), offer_created())


def bump(**other: object) -> UpsellDetails:
    fields = {
        "type": "order_bump",
        "product_id": BOOK,
        "name": "Book",
        "discount": Reduction(type="percentage", value="10"),
    }
    return UpsellDetails.model_validate({**fields, **other})


def bump_created(of: UpsellDetails | None = None, upsell_id: UUID = BUMP) -> facts.Created:
    return facts.Created(**stamp(upsell_id), offer_id=OFFER, details=of or bump())


def test_an_upsell_is_added_changed_and_removed() -> None:
    scenario = given(*OFFERED).when(create_upsell, CreateUpsell(OFFER, bump()))
    upsell_id = scenario.result.id
    scenario.then(bump_created(upsell_id=upsell_id))
    scenario.then_holds("upsell", f"{OFFER}:{upsell_id}", upsell_id)
    ref = UpsellRef(OFFER, upsell_id, is_bump=True)
    changed = facts.Changed(**stamp(upsell_id), offer_id=OFFER, details=bump(priority=2))
    scenario.when(change_upsell, ChangeUpsell(ref, {"priority": 2})).then(changed)
    scenario.when(change_upsell, ChangeUpsell(ref, {"priority": 2})).then_nothing()
    scenario.when(remove_upsell, ref).then(facts.Removed(**stamp(upsell_id), offer_id=OFFER))
    scenario.then_holds("upsell", f"{OFFER}:{upsell_id}", None)
    scenario.then_holds("upsell_place", f"{OFFER}:00", None)
    scenario.when(remove_upsell, ref).then_refused(UpsellNotFound)


def test_an_upsell_needs_an_offer_and_a_product() -> None:
    given().when(create_upsell, CreateUpsell(OFFER, bump())).then_refused(OfferNotFound)
    missing = bump(product_id=named("missing"))
    given(*OFFERED).when(create_upsell, CreateUpsell(OFFER, missing)).then_refused(ProductNotFound)


@pytest.mark.parametrize(
    "ref", [UpsellRef(OTHER_OFFER, BUMP, is_bump=True), UpsellRef(OFFER, BUMP, is_bump=False)]
)
def test_an_upsell_is_found_under_its_offer_and_by_its_kind(ref: UpsellRef) -> None:
    given(*OFFERED, bump_created()).when(remove_upsell, ref).then_refused(UpsellNotFound)


@pytest.mark.parametrize(
    "broken",
    [
        {"discount": Reduction(type="percentage", value="100.01")},
        {"discount": Reduction(type="percentage", value="33.333")},
        {"discount": Reduction(type="fixed_amount", value="0.5")},
        {"trigger": Trigger(minimum_cart_value=2, maximum_cart_value=1)},
        {"trigger": Trigger(show_after_seconds=5, hide_after_seconds=5)},
        {"type": "upsell", "auto_add": True},
        {"urgency": Urgency()},
    ],
)
def test_details_that_contradict_one_another_are_refused(broken: dict[str, object]) -> None:
    given(*OFFERED).when(create_upsell, CreateUpsell(OFFER, bump(**broken))).then_refused(Invalid)


def test_an_offer_has_at_most_50_upsells() -> None:
    scenario = given(*OFFERED)
    for number in range(MAX_UPSELLS - 1):
        upsell_id = named(f"bump {number}")
        scenario.claimed("upsell", f"{OFFER}:{upsell_id}", upsell_id)
        scenario.claimed("upsell_place", f"{OFFER}:{number:02d}", upsell_id)
    last = scenario.when(create_upsell, CreateUpsell(OFFER, bump()))
    last.then_holds("upsell_place", f"{OFFER}:49", last.result.id)
    last.when(create_upsell, CreateUpsell(OFFER, bump())).then_refused(Invalid)


def step(**other: object) -> FunnelStep:
    fields = {"name": "Last", "type": "upsell", "trigger": "purchase", "upsell_id": BUMP, "position": 1}
    return FunnelStep.model_validate({**fields, **other})


def step_added(of: FunnelStep | None = None, step_id: UUID = STEP) -> funnel_facts.StepAdded:
    return funnel_facts.StepAdded(
        **stamp(funnel_id(OFFER)), offer_id=OFFER, step_id=step_id, details=of or step()
    )


def test_a_funnel_has_its_steps_by_position_then_id() -> None:
    scenario = given(*OFFERED, bump_created()).when(add_step, AddStep(OFFER, step()))
    step_id = scenario.result.step_id
    scenario.then(step_added(step_id=step_id))
    moved = ChangeStep(OFFER, step_id, {"position": 3})
    changed = funnel_facts.StepChanged(
        **stamp(funnel_id(OFFER)), offer_id=OFFER, step_id=step_id, details=step(position=3)
    )
    scenario.when(change_step, moved).then(changed)
    scenario.when(change_step, moved).then_nothing()
    removed = funnel_facts.StepRemoved(**stamp(funnel_id(OFFER)), offer_id=OFFER, step_id=step_id)
    scenario.when(remove_step, RemoveStep(OFFER, step_id)).then(removed)
    scenario.when(remove_step, RemoveStep(OFFER, step_id)).then_refused(FunnelStepNotFound)


def test_a_step_proposes_an_upsell_of_its_own_offer() -> None:
    given(*OFFERED).when(add_step, AddStep(OFFER, step())).then_refused(UpsellNotFound)


@pytest.mark.parametrize(
    "broken",
    [
        step(trigger="decline"),
        step(after=BUMP),
        step(conditions=StepConditions(customer_value=CustomerValue(minimum=2, maximum=1))),
    ],
)
def test_a_step_that_contradicts_itself_is_refused(broken: FunnelStep) -> None:
    given(*OFFERED, bump_created()).when(add_step, AddStep(OFFER, broken)).then_refused(Invalid)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Café  Crème: Kit!", "cafe-creme-kit"),
        ("Curso Avançado de Python 3", "curso-avancado-de-python-3"),
        ("日本", "offer"),
    ],
)
def test_e11_a_slug_is_the_name_in_plain_letters(name: str, slug: str) -> None:
    assert slug_of(name) == slug


def test_a_slug_that_is_taken_gets_a_number() -> None:
    numbered = candidates("a" * 80)
    assert [next(numbered) for _ in range(3)] == ["a" * 80, "a" * 78 + "-2", "a" * 78 + "-3"]


LAMP, OLD, MISSING = named("lamp"), named("old"), named("missing")


def related(product_id: UUID, relationship: str = "cross_sell") -> dict[str, object]:
    return {"product_id": product_id, "relationship": relationship}


def of_product(**other: object) -> tuple[Fact, ...]:
    prices = [
        {"amount": 2500, "currency": "USD", "segment": "vip"},
        {"amount": 3000, "currency": "USD"},
        {"amount": 2800, "currency": "EUR"},
    ]
    details = product_details(
        name="Café Crème",
        related_products=[related(BOOK), related(OLD), related(MISSING), related(CD, "similar")],
    ).model_copy(update={"prices": ()})
    lamp = type(details).model_validate({**details.model_dump(), "prices": prices, **other})
    old = (created(OLD), activated(OLD), archived(OLD))
    return (created(LAMP, lamp), activated(LAMP), *on_sale(BOOK), *on_sale(CD), *old)


def test_an_offer_of_a_product_has_its_cross_sells_as_upsells_in_one_save() -> None:
    campaigns = FakeCampaigns()
    scenario = given(*of_product()).claimed("offer_slug", "cafe-creme", OTHER_OFFER)
    scenario.when(make_offer, FromProduct(LAMP, campaign_id=CAMPAIGN), campaigns)
    made: OfferOfProduct = scenario.result
    details = made.offer.details
    assert (details.slug, details.name, details.type) == ("cafe-creme-2", "Café Crème", "physical_product")
    assert (details.price.base, details.price.currency) == (3000, "USD")
    assert details.shipping.model_dump(exclude_none=True) == {
        "requires_shipping": True,
        "free_shipping_threshold": 10_000,
    }
    (upsell,) = made.cross_sells
    assert (upsell.details.type, upsell.details.product_id) == ("cross_sell", BOOK)
    assert upsell.details.discount == Reduction(type="percentage", value="10")
    assert (upsell.details.name, upsell.details.position) == ("Add The SKU-" + str(BOOK), "cart_summary")
    assert list(made.skipped) == [Skipped(OLD, "archived"), Skipped(MISSING, "missing")]
    assert campaigns.added == [(CAMPAIGN, made.offer.id)]
    assert {it.TYPE for it in scenario.work.facts} == {"offer.created", "upsell.created"}


def test_an_offer_of_a_product_takes_the_plain_price_in_the_currency() -> None:
    euros = given(*of_product()).when(make_offer, FromProduct(LAMP, currency="EUR"), FakeCampaigns())
    assert (euros.result.offer.details.price.base, euros.result.offer.details.price.currency) == (2800, "EUR")
    pounds = FromProduct(LAMP, currency="GBP")
    given(*of_product()).when(make_offer, pounds, FakeCampaigns()).then_refused(PriceMissing)


def test_a_slug_that_the_caller_gives_is_not_changed() -> None:
    scenario = given(*of_product()).claimed("offer_slug", "kit", OTHER_OFFER)
    scenario.when(make_offer, FromProduct(LAMP, "kit"), FakeCampaigns()).then_refused(SlugExists)
