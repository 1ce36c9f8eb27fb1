"""Rules for how flows end, and when they count as abandoned."""

from datetime import timedelta

import pytest

from cart.carts.use_cases.locking import convert_cart
from cart.flows.use_cases.endings import (
    FLOW_ABANDONMENT,
    FLOW_EXPIRY,
    abandon_flow,
    complete_flows,
    expire_flow,
)
from cart.flows.use_cases.policy import FlowPolicy
from cart.settings import CartSettings
from contracts import cart as contract
from contracts.cart import FlowJoined
from contracts.flow import FlowFact
from tests.support.scenario import NOW, given, stamp
from tests.unit.cart.facts import CART, CHECKOUT, ORDER, converted, created, item_added, locked
from tests.unit.cart.flow_facts import (
    FLOW,
    FLOW_EXPIRES,
    checkout_answered,
    flow_abandoned,
    flow_completed,
    flow_expired,
    flow_resumed,
    started,
    step_completed,
    walked,
)

POLICY: FlowPolicy = CartSettings.model_construct().flow_policy
CONVERT = contract.Convert(cart_id=CART, checkout_id=CHECKOUT, step="complete", order_id=ORDER)


def test_a_flow_without_a_step_for_half_an_hour_is_abandoned_at_its_current_step() -> None:
    given(*walked(2)).after(minutes=30).when(abandon_flow, FLOW, POLICY).then(
        flow_abandoned("upsell_selection")
    )


def test_the_timer_of_the_abandonment_sets_itself_again_after_a_step() -> None:
    late_step = step_completed("user_preferences", {})
    late_step.__dict__["timestamp"] = NOW + timedelta(minutes=20)
    scenario = given(started(), late_step).after(minutes=30).when(abandon_flow, FLOW, POLICY)
    scenario.then_nothing().then_timer(FLOW_ABANDONMENT, FLOW, NOW + timedelta(minutes=50))


@pytest.mark.parametrize("past", [[flow_abandoned("user_preferences")], [flow_completed()], [flow_expired()]])
def test_only_an_active_flow_is_abandoned(past: list[FlowFact]) -> None:
    given(started(), *past).after(hours=1).when(abandon_flow, FLOW, POLICY).then_nothing()


def test_a_flow_expires_72_hours_after_its_start() -> None:
    scenario = given(started(), flow_abandoned("user_preferences")).at(FLOW_EXPIRES)
    scenario.when(expire_flow, FLOW).then(flow_expired()).then_no_timer(FLOW_ABANDONMENT, FLOW)


def test_a_flow_does_not_expire_before_its_time_and_not_after_its_purchase() -> None:
    given(started()).after(hours=71).when(expire_flow, FLOW).then_nothing()
    given(*walked(4), flow_completed()).at(FLOW_EXPIRES).when(expire_flow, FLOW).then_nothing()


def test_the_purchase_of_its_cart_completes_a_flow_in_the_same_save() -> None:
    joined = FlowJoined(**stamp(CART), flow_id=FLOW)
    scenario = given(created(), item_added(), joined, locked(), *walked(4), checkout_answered())
    scenario.when(convert_cart, CONVERT, complete_flows).then(converted(), flow_completed())
    scenario.then_no_timer(FLOW_ABANDONMENT, FLOW).then_no_timer(FLOW_EXPIRY, FLOW)


@pytest.mark.parametrize(
    "past", [walked(2), [*walked(3), flow_abandoned("review")], [*walked(4), flow_resumed("checkout")]]
)
def test_a_purchase_completes_a_flow_at_whichever_step_it_is(past: list[FlowFact]) -> None:
    joined = FlowJoined(**stamp(CART), flow_id=FLOW)
    scenario = given(created(), item_added(), joined, locked(), *past)
    scenario.when(convert_cart, CONVERT, complete_flows).then(converted(), flow_completed())


def test_a_purchase_leaves_a_flow_that_has_expired_as_it_is() -> None:
    joined = FlowJoined(**stamp(CART), flow_id=FLOW)
    scenario = given(created(), item_added(), joined, locked(), *walked(4), flow_expired())
    scenario.when(convert_cart, CONVERT, complete_flows).then(converted())
