"""Rules for the steps of a flow."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from cart.carts.domain.errors import (
    CartNotActive,
    CartNotFound,
    DuplicateCourseInCart,
    OfferNotFound,
    UpsellNotEligible,
)
from cart.carts.use_cases.index_keys import SESSION
from cart.flows.domain.choices import (
    Addon,
    CheckoutBegun,
    Choice,
    Package,
    Preferences,
    Review,
    UpsellAnswers,
)
from cart.flows.domain.errors import FlowEnded, FlowNotFound, FlowStepOutOfOrder, NotAPackage
from cart.flows.schemas.views import show_answer
from cart.flows.use_cases.access import StartFlow, start_flow
from cart.flows.use_cases.endings import FLOW_ABANDONMENT, FLOW_EXPIRY
from cart.flows.use_cases.flow_steps import FlowAnswer, TakeStep, take_step
from cart.settings import CartSettings
from contracts.cart import ItemAdded
from contracts.flow import FlowFact, Resumed, StepAnswered, StepCompleted
from tests.support.scenario import NOW, Scenario, given
from tests.unit.cart.catalogues import FakeCatalogue, product, promotion
from tests.unit.cart.facts import CART, CHECKOUT, MUG, created, item_added, locked
from tests.unit.cart.flow_facts import (
    FLOW,
    flow_abandoned,
    flow_completed,
    flow_expired,
    started,
    walked,
)
from tests.unit.cart.funnels import (
    BUMP,
    DOWNSELL,
    GIFT_WRAP,
    KIT,
    OTHER_KIT,
    component,
    names,
    offer,
    step,
    upsell,
)
from tests.unit.cart.policies import DEFAULT_POLICY

FLOW_POLICY = CartSettings.model_construct().flow_policy
A, B, BOOK, PEN = UUID(int=101), UUID(int=102), UUID(int=111), UUID(int=112)
PACKAGES = {
    "flow": {
        "packages": [
            {"offer_id": str(OTHER_KIT), "match": {"experience_level": ["expert"]}},
            {"offer_id": str(KIT), "match": {"experience_level": ["beginner"]}},
        ]
    }
}
ENTRIES = (
    product(A, 9900),
    product(B, 7900),
    product(BOOK, 1999),
    product(PEN, 999),
    offer(KIT, 7900, component(A), configuration=PACKAGES),
    offer(OTHER_KIT, 8900, component(B)),
    upsell(BUMP, BOOK, "10"),
    upsell(GIFT_WRAP, PEN, "10"),
)
CATALOGUE = FakeCatalogue(*ENTRIES)


def data_of(choice: Choice) -> dict[str, Any]:
    match choice:
        case Preferences(values=values):
            return dict(values)
        case Package(offer_id=offer_id):
            return {"offer_id": str(offer_id), "addons": len(choice.addons)}
        case UpsellAnswers(accepted=accepted, declined=declined):
            return {"accepted": [*map(str, accepted)], "declined": [*map(str, declined)]}
        case Review():
            return {}
        case CheckoutBegun(checkout_id=checkout_id):
            return {"checkout_id": str(checkout_id)}


def take(scenario: Scenario, choice: Choice, catalogue: FakeCatalogue = CATALOGUE) -> Scenario:
    command = TakeStep(FLOW, choice, data_of(choice))
    return scenario.when(take_step, command, catalogue, DEFAULT_POLICY, FLOW_POLICY)


def at_upsells(catalogue: FakeCatalogue = CATALOGUE) -> Scenario:
    return take(take(given(started(KIT)), Preferences({}), catalogue), Package(KIT), catalogue)


def starting(slug: str | None = "kit-61", offer_id: UUID | None = None) -> StartFlow:
    return StartFlow(slug, offer_id, "session", "ann", "education", {"utm": "mail"})


@pytest.mark.parametrize("command", [starting(), starting(None, KIT)])
def test_a_flow_starts_at_an_offer_named_by_its_slug_or_id(command: StartFlow) -> None:
    scenario = given().when(start_flow, command, CATALOGUE, FLOW_POLICY)
    flow = scenario.result
    assert (flow.offer_id, flow.current_step, flow.expires_at) == (
        KIT,
        "user_preferences",
        NOW + timedelta(hours=72),
    )
    scenario.then_timer(FLOW_EXPIRY, flow.id, NOW + timedelta(hours=72))
    scenario.then_timer(FLOW_ABANDONMENT, flow.id, NOW + timedelta(minutes=30))


def test_a_flow_needs_a_published_offer() -> None:
    given().when(start_flow, starting("nothing"), CATALOGUE, FLOW_POLICY).then_refused(OfferNotFound)


def test_preferences_bring_the_packages_that_fit_best() -> None:
    scenario = take(given(started(KIT)), Preferences({"experience_level": "beginner"}))
    offers = scenario.result.customised_offers
    assert [(it.offer_id, matches) for it, matches in offers] == [(KIT, 1), (OTHER_KIT, 0)]
    shown = show_answer(scenario.result, NOW)
    assert (shown["current_step"], shown["next_action"]) == ("package_selection", "select_course_package")


def test_without_packages_the_flows_own_offer_is_proposed() -> None:
    scenario = take(given(started(OTHER_KIT)), Preferences({}))
    assert [it.offer_id for it, _ in scenario.result.customised_offers] == [OTHER_KIT]


def test_a_package_fills_the_sessions_cart_and_brings_upsells() -> None:
    scenario = at_upsells()
    assert names(scenario.result.upsell_opportunities) == [BUMP, GIFT_WRAP]
    made: dict[str, Any] = {it.TYPE: it for it in scenario.work.facts}
    assert (made["cart.created"].cart_type, made["cart.created"].metadata) == (
        "funnel",
        {"funnel_navigation_id": str(FLOW)},
    )
    assert made["flow.step_completed"].cart_id == made["cart.created"].originator_id
    assert made["cart.flow_joined"].flow_id == FLOW


def test_a_package_comes_into_the_cart_that_the_session_has_with_its_add_ons() -> None:
    scenario = given(created(), item_added(), *walked(1)[:0], started(KIT)).claimed(SESSION, "session", CART)
    take(scenario, Preferences({}), FakeCatalogue(*ENTRIES, product(MUG)))
    take(
        scenario,
        Package(KIT, (Addon(product_id=PEN), Addon(upsell_id=BUMP))),
        FakeCatalogue(*ENTRIES, product(MUG)),
    )
    assert scenario.result.flow.cart_id == CART
    added = [it for it in scenario.work.facts if isinstance(it, ItemAdded)]
    assert [(it.product_id, it.unit_price) for it in added] == [(A, 7900), (PEN, 999), (BOOK, 1799)]


def test_only_the_flows_own_offer_and_its_packages_can_be_chosen() -> None:
    scenario = take(given(started(OTHER_KIT)), Preferences({}))
    take(scenario, Package(KIT)).then_refused(NotAPackage)


def test_upsells_are_accepted_and_declined_in_one_step() -> None:
    scenario = take(at_upsells(), UpsellAnswers(accepted=(BUMP,), declined=(GIFT_WRAP,)))
    assert [it.TYPE for it in scenario.work.facts] == [
        "flow.step_completed",
        "cart.item_added",
        "cart.upsell_declined",
    ]
    assert scenario.result.downsells == []
    assert scenario.result.flow.current_step == "review"


def test_the_step_stays_as_long_as_a_downsell_is_unanswered() -> None:
    catalogue = FakeCatalogue(
        *ENTRIES, upsell(DOWNSELL, PEN, "50"), funnel_steps={KIT: (step(DOWNSELL, after=BUMP),)}
    )
    scenario = take(at_upsells(catalogue), UpsellAnswers(declined=(BUMP, GIFT_WRAP)), catalogue)
    assert names(scenario.result.downsells) == [DOWNSELL]
    assert scenario.result.flow.current_step == "upsell_selection"
    assert any(isinstance(it, StepAnswered) for it in scenario.work.facts)
    take(scenario, UpsellAnswers(declined=(BUMP, GIFT_WRAP)), catalogue).then_nothing()
    assert names(scenario.result.downsells) == [DOWNSELL]
    take(scenario, UpsellAnswers(accepted=(DOWNSELL,)), catalogue)
    assert any(isinstance(it, StepCompleted) for it in scenario.work.facts)
    assert (scenario.result.downsells, scenario.result.flow.current_step) == ([], "review")


def test_e60_a_flow_leads_from_a_package_over_upsells_to_the_price_of_all() -> None:
    bundle = {"items": [{"selector": {"product_ids": [str(it)]}, "quantity": 1} for it in (A, B)]}
    catalogue = FakeCatalogue(
        product(A, 9900),
        product(B, 7900),
        product(BOOK, 1999),
        product(PEN, 999),
        offer(KIT, 17800, component(A, position=0), component(B, position=1)),
        upsell(BUMP, BOOK, "200", kind="fixed_amount"),
        upsell(GIFT_WRAP, PEN, "100", kind="fixed_amount"),
        promotion(UUID(int=131), code=None, kind="bundle", value="15", rule=bundle),
        promotion(
            UUID(int=132),
            code=None,
            kind="multi_upsell",
            value="10",
            rule={"minimum_upsells": 2},
            stacking={"mode": "stackable", "priority": 1},
        ),
    )
    scenario = at_upsells(catalogue)
    take(scenario, UpsellAnswers(accepted=(BUMP, GIFT_WRAP)), catalogue)
    take(scenario, Review(), catalogue)
    totals = scenario.result.final_review.sale.totals
    assert [it.amount for it in scenario.result.final_review.sale.discounts] == [2670, 270]
    assert (totals.subtotal, totals.discount, totals.total) == (20498, 2670 + 270, 17558)
    assert show_answer(scenario.result, NOW)["final_review"]["derivation"]["amount"] == {
        "amount": 17558,
        "currency": "USD",
    }


def test_the_checkout_is_noted_and_nothing_is_left_to_ask() -> None:
    scenario = take(at_upsells(), UpsellAnswers())
    take(take(scenario, Review()), CheckoutBegun(CHECKOUT))
    shown = show_answer(scenario.result, NOW)
    assert (shown["current_step"], shown["next_action"], shown["status"]) == ("checkout", None, "active")
    take(scenario, CheckoutBegun(CHECKOUT)).then_nothing()


def test_the_last_step_is_answered_again_for_the_same_data() -> None:
    scenario = at_upsells()
    first: FlowAnswer = scenario.result
    take(scenario, Package(KIT)).then_nothing()
    assert show_answer(scenario.result, NOW) == show_answer(first, NOW)
    take(scenario, Package(OTHER_KIT)).then_refused(FlowStepOutOfOrder, current_step="upsell_selection")


def test_steps_come_in_their_order_and_none_is_taken_twice() -> None:
    take(at_upsells(), Review()).then_refused(FlowStepOutOfOrder, current_step="upsell_selection")
    take(at_upsells(), Preferences({})).then_refused(FlowStepOutOfOrder, current_step="upsell_selection")


@pytest.mark.parametrize("end", [flow_completed(), flow_expired()])
def test_a_flow_that_has_ended_takes_no_step(end: FlowFact) -> None:
    take(given(started(KIT), end), Preferences({})).then_refused(FlowEnded)


def test_a_flow_past_its_time_takes_no_step_even_before_its_timer_fires() -> None:
    take(given(started(KIT)).after(hours=72), Preferences({})).then_refused(FlowEnded, flow_status="expired")


def test_a_step_resumes_an_abandoned_flow() -> None:
    scenario = given(started(KIT), flow_abandoned("user_preferences")).after(hours=1)
    take(scenario, Preferences({}))
    assert any(isinstance(it, Resumed) for it in scenario.work.facts)
    scenario.then_timer(FLOW_ABANDONMENT, FLOW, NOW + timedelta(hours=1, minutes=30))
    assert scenario.result.flow.status == "active"


def test_a_refusal_of_the_cart_leaves_the_flow_where_it_is() -> None:
    catalogue = FakeCatalogue(product(A, type="course"), offer(KIT, 7900, component(A)))
    past = created(), item_added(product_id=A, product_type="course")
    scenario = given(*past, started(KIT)).claimed(SESSION, "session", CART)
    take(take(scenario, Preferences({}), catalogue), Package(KIT), catalogue).then_refused(
        DuplicateCourseInCart
    )


def test_an_upsell_that_is_not_proposed_cannot_be_accepted() -> None:
    catalogue = FakeCatalogue(*ENTRIES, upsell(DOWNSELL, MUG, minimum_cart_value=10**6), product(MUG))
    take(at_upsells(catalogue), UpsellAnswers(accepted=(DOWNSELL,)), catalogue).then_refused(
        UpsellNotEligible
    )


def test_another_flow_of_the_session_goes_the_same_way_without_adding_anything_again() -> None:
    catalogue = FakeCatalogue(product(A, 9900, type="course"), offer(KIT, 7900, component(A)))
    scenario = at_upsells(catalogue)
    cart_id = scenario.result.flow.cart_id
    scenario.when(start_flow, starting(), catalogue, FLOW_POLICY)
    second = scenario.result.id
    for choice in (Preferences({}), Package(KIT)):
        command = TakeStep(second, choice, data_of(choice))
        scenario.when(take_step, command, catalogue, DEFAULT_POLICY, FLOW_POLICY)
    assert scenario.result.flow.cart_id == cart_id
    assert "cart.item_added" not in [it.TYPE for it in scenario.work.facts]


def test_a_locked_or_missing_cart_refuses() -> None:
    past = created(), item_added(), locked(), *walked(2)
    take(given(*past), UpsellAnswers()).then_refused(CartNotActive)
    take(given(*walked(2)), UpsellAnswers()).then_refused(CartNotFound)


def test_an_unknown_flow_is_not_found() -> None:
    take(given(), Preferences({})).then_refused(FlowNotFound)
