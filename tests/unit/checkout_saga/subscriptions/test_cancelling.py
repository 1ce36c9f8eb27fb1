"""A subscription ends with its period, now or with its order; until it has ended that can be withdrawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from checkout_saga.orders.use_cases.index_keys import CUSTOMER_ORDER, order_key
from checkout_saga.privacy.use_cases import end_subscriptions
from checkout_saga.subscriptions.domain.errors import SubscriptionNotActive, SubscriptionNotFound
from checkout_saga.subscriptions.use_cases import cancelling
from checkout_saga.subscriptions.use_cases.cancelling import END_SUBSCRIPTION
from checkout_saga.subscriptions.use_cases.reading import find_subscription
from contracts import subscription
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.checkout_saga.examples import CUSTOMER, ORDER
from tests.unit.checkout_saga.fulfillment.orders import begin, begun, recorded
from tests.unit.checkout_saga.subscriptions.plans import (
    SUBSCRIPTION,
    awaiting,
    call_off,
    running,
    sold,
)

PERIOD_END = datetime(2026, 4, 1, 12, tzinfo=UTC)


async def cancel(at: str, work: UnitOfWork) -> None:
    await cancelling.cancel(SUBSCRIPTION, "too expensive", work, now=at == "now")


async def resume(_: None, work: UnitOfWork) -> None:
    await cancelling.resume(SUBSCRIPTION, work)


async def end(_: None, work: UnitOfWork) -> None:
    await cancelling.end_as_scheduled(SUBSCRIPTION, work)


async def recover(_: None, work: UnitOfWork) -> None:
    found = await find_subscription(SUBSCRIPTION, work)
    await cancelling.resume_subscription(found, work)


def scheduled() -> Scenario:
    return running().after(days=3).when(cancel, "period_end")


def ended(story: Scenario) -> Scenario:
    """It has ended now, for good."""
    (fact,) = recorded(story, subscription.Cancelled)
    assert fact in story.work.facts
    return story


def test_it_ends_with_its_period_and_the_timer_is_set_for_then() -> None:
    story = scheduled()
    story.then(
        subscription.CancelScheduled(**stamp(SUBSCRIPTION), at=PERIOD_END, reason="too expensive")
    ).then_timer(END_SUBSCRIPTION, SUBSCRIPTION, PERIOD_END)
    ended(story.at(PERIOD_END).when(end, None))
    (fact,) = recorded(story, subscription.Cancelled)
    assert (fact.cause, fact.at, fact.reason) == ("requested", PERIOD_END, "too expensive")


def test_a_late_timer_ends_it_as_of_the_end_of_its_period() -> None:
    story = scheduled().at(PERIOD_END + timedelta(days=2)).when(end, None)
    assert recorded(story, subscription.Cancelled)[0].at == PERIOD_END


def test_a_timer_before_its_time_does_nothing() -> None:
    scheduled().at(PERIOD_END - timedelta(seconds=1)).when(end, None).then_nothing()


def test_scheduled_twice_is_scheduled_once() -> None:
    scheduled().when(cancel, "period_end").then_nothing()


def test_withdrawn_it_goes_on() -> None:
    story = scheduled().when(resume, None)
    story.then(subscription.CancelWithdrawn(**stamp(SUBSCRIPTION)))
    story.then_no_timer(END_SUBSCRIPTION, SUBSCRIPTION)
    story.at(PERIOD_END).when(end, None).then_nothing()


def test_where_nothing_is_scheduled_there_is_nothing_to_withdraw() -> None:
    running().when(resume, None).then_nothing()


def test_now_it_ends_at_once_also_if_its_end_was_scheduled() -> None:
    story = ended(scheduled().when(cancel, "now"))
    story.then_no_timer(END_SUBSCRIPTION, SUBSCRIPTION)
    assert recorded(story, subscription.Cancelled)[0].at == story.now


def test_what_has_ended_can_be_neither_cancelled_nor_resumed() -> None:
    for act, command in ((cancel, "now"), (cancel, "period_end"), (resume, None)):
        story = running().when(cancel, "now").when(act, command)
        story.then_refused(SubscriptionNotActive, subscription_status="cancelled")


def test_an_end_that_is_due_is_not_withdrawn_although_the_timer_is_late() -> None:
    scheduled().at(PERIOD_END).when(resume, None).then_refused(SubscriptionNotActive)


def test_after_its_last_period_it_ends_at_once() -> None:
    story = running().at(PERIOD_END + timedelta(days=1)).when(cancel, "period_end")
    assert recorded(ended(story), subscription.Cancelled)[0].at == story.now


def test_with_its_order_the_timer_goes() -> None:
    story = ended(scheduled().when(call_off, "changed my mind"))
    story.then_no_timer(END_SUBSCRIPTION, SUBSCRIPTION)


def test_one_that_has_ended_is_not_ended_again_with_its_order() -> None:
    story = running().when(cancel, "now").when(call_off, "changed my mind")
    assert not recorded(story, subscription.CancelRequested)


def of_customer(story: Scenario) -> Scenario:
    """The order is in the customer's list."""
    return story.claimed(CUSTOMER_ORDER, order_key("demo", CUSTOMER, NOW, ORDER), ORDER)


def test_it_ends_with_the_erasure_of_its_customer() -> None:
    story = ended(of_customer(scheduled()).when(end_subscriptions, [CUSTOMER]))
    story.then_no_timer(END_SUBSCRIPTION, SUBSCRIPTION)
    (fact,) = recorded(story, subscription.Cancelled)
    assert (fact.cause, fact.at) == ("erasure", story.now)
    story.when(end_subscriptions, [CUSTOMER]).then_nothing()


def test_another_customer_s_and_one_without_a_plan_are_left_by_an_erasure() -> None:
    of_customer(running()).when(end_subscriptions, ["shopper/8"]).then_nothing()
    of_customer(begun(sold(None))).when(end_subscriptions, [CUSTOMER]).then_nothing()


def test_without_a_plan_it_ends_with_its_order_alone() -> None:
    story = begun(sold(None)).when(cancel, "now")
    story.then_refused(SubscriptionNotActive, subscription_status="active")


def test_one_that_has_not_begun_is_not_found() -> None:
    story, wanted = awaiting()
    story.when(begin, wanted).when(cancel, "now").then_refused(SubscriptionNotFound)
    given().when(resume, None).then_refused(SubscriptionNotFound)


def test_a_recovered_one_has_its_timer_again() -> None:
    scheduled().when(recover, None).then_timer(END_SUBSCRIPTION, SUBSCRIPTION, PERIOD_END)
    assert not running().when(recover, None).work.timers
