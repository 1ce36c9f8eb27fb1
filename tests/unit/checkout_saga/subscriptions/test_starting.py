"""A subscription that an order has sold starts with the hand-over of its line, and has a paid invoice."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from checkout_saga.fulfillment.domain.fulfillment import Fulfillment, Status, fulfillment_id
from checkout_saga.fulfillment.use_cases.defaults import fulfiller_of
from checkout_saga.fulfillment.use_cases.handing_over import FULFILL, streams_of
from checkout_saga.orders.use_cases.deliveries import deliveries_of
from checkout_saga.orders.use_cases.fulfilling import retry_line
from checkout_saga.subscriptions.domain.invoice import Invoice
from checkout_saga.subscriptions.domain.subscription import Subscription
from checkout_saga.subscriptions.use_cases.reading import find_subscription
from contracts import fulfillment, invoice, order, subscription
from contracts.envelope import Fact
from contracts.subscription import Recurring
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.checkout_saga.examples import CUSTOMER, ORDER
from tests.unit.checkout_saga.fulfillment.orders import begin, begun, recorded, sale
from tests.unit.checkout_saga.subscriptions.plans import (
    INVOICE,
    PLAN,
    SUBSCRIPTION,
    awaiting,
    call_off,
    known,
    running,
    sold,
    terms,
)


async def try_again(line_id: str, work: UnitOfWork) -> None:
    await retry_line(ORDER, line_id, work, is_unknown=False)


async def opened(_: None, work: UnitOfWork) -> Subscription:
    return await find_subscription(SUBSCRIPTION, work)


async def invoiced(_: None, work: UnitOfWork) -> Invoice:
    return await work.open(Invoice, INVOICE)


def at_nine(day: date) -> datetime:
    return datetime.combine(day, time(9), UTC)


def of_subscription(story: Scenario) -> list[str]:
    return [it.TYPE for it in story.world.past[SUBSCRIPTION]]


def test_it_is_requested_started_and_activated_in_one_save_and_its_line_is_handed_over() -> None:
    story = running()
    assert [it.TYPE for it in story.work.facts if it.originator_id == SUBSCRIPTION] == [
        "subscription.activation_requested",
        "subscription.started",
        "subscription.activated",
    ]
    (fulfilled,) = recorded(story, order.Fulfilled)
    assert fulfilled.results[0].reference == str(SUBSCRIPTION)


def test_it_freezes_the_newest_terms_of_its_plan() -> None:
    story = running(terms(), terms(anchor_day=3, proration_unit="minute"))
    (started,) = recorded(story, subscription.Started)
    assert (started.plan_id, started.terms_version, started.customer_id) == (PLAN, 2, CUSTOMER)
    assert started.terms == terms(anchor_day=3, proration_unit="minute")
    assert started.recurring == Recurring(amount=1000, currency="USD", interval="month", count=1)
    assert (started.currency, started.time_zone, started.proration_unit) == ("USD", "UTC", "minute")


@pytest.mark.parametrize(
    ("interval", "count", "began", "end"),
    [
        ("month", 1, date(2026, 1, 31), date(2026, 2, 28)),  # P1
        ("month", 1, date(2028, 1, 31), date(2028, 2, 29)),  # P2
        ("year", 1, date(2028, 2, 29), date(2029, 2, 28)),  # P3
        ("month", 3, date(2026, 8, 31), date(2026, 11, 30)),  # P4
        ("month", 6, date(2026, 8, 31), date(2027, 2, 28)),  # P5
    ],
    ids=["P1", "P2", "P3", "P4", "P5"],
)
def test_its_first_period_begins_with_it(interval: str, count: int, began: date, end: date) -> None:
    story, wanted = awaiting()
    known(story, terms(interval, count)).at(at_nine(began)).when(begin, wanted)
    (started,) = recorded(story, subscription.Started)
    assert started.anchor == f"{began}T09:00:00"
    assert started.period.number == 1
    assert started.period.starts_at == at_nine(began)
    assert started.period.ends_at == at_nine(end)


def test_by_the_day_the_day_of_the_start_counts_whole() -> None:
    (started,) = recorded(running(terms(proration_unit="day")), subscription.Started)
    assert started.period.starts_at == datetime(2026, 3, 1, tzinfo=UTC)
    assert started.period.ends_at == datetime(2026, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amounts", "net"),
    [
        ({"total": 1000}, 1000),
        ({"tax": 190, "total": 1190}, 1000),
        ({"tax": 160, "total": 1000}, 840),  # the price contains the tax
        ({"discount": 200, "tax": 152, "total": 952}, 800),
        ({"discount": 1000, "total": 0}, 0),
    ],
    ids=["no tax", "exclusive", "inclusive", "discounted", "for nothing"],
)
def test_its_invoice_is_what_the_order_has_sold_and_paid(amounts: dict[str, int], net: int) -> None:
    story = running(**amounts)
    (issued,), (paid,) = recorded(story, invoice.Issued), recorded(story, invoice.Paid)
    assert (issued.originator_id, issued.number) == (INVOICE, "INV-2026-000001")
    assert (issued.subscription_id, issued.customer_id) == (SUBSCRIPTION, CUSTOMER)
    assert paid.order_id == ORDER
    (line,) = issued.lines
    assert (line.kind, line.plan_id, line.quantity, line.unit_amount) == ("period", PLAN, 1, 1000)
    assert line.period == issued.period == recorded(story, subscription.Started)[0].period
    expected = {"discount": 0, "tax": 0} | amounts | {"net": net}
    assert {name: getattr(line, name) for name in expected} == expected
    assert issued.totals.model_dump() == {"subtotal": 1000} | expected
    assert (issued.credit_applied, issued.amount_due) == (0, amounts["total"])
    assert story.when(invoiced, None).result.status == "paid"


def test_with_its_stream_the_stream_of_its_invoice_is_read() -> None:
    story, wanted = awaiting()
    (delivery,) = deliveries_of(ORDER, CUSTOMER, wanted)
    assert (Subscription, SUBSCRIPTION) in streams_of([delivery], story.work)
    assert (Invoice, INVOICE) in streams_of([delivery], story.work)


def refused(story: Scenario) -> tuple[str, bool]:
    """With which code, and whether for good."""
    (answer,) = recorded(story, subscription.ActivationRefused)
    (failed,) = recorded(story, fulfillment.Failed)
    assert answer.code == failed.code
    assert not recorded(story, invoice.Issued) and not recorded(story, subscription.Activated)
    return failed.code, failed.final


def test_an_archived_plan_takes_none() -> None:
    story, wanted = awaiting()
    known(story, terms(), archived=True).when(begin, wanted)
    assert refused(story) == ("PLAN_NOT_ACTIVE", True)


def test_a_plan_without_a_price_in_the_currency_of_the_order_takes_none() -> None:
    story, wanted = awaiting()
    known(story, terms()).when(begin, wanted.model_copy(update={"currency": "EUR"}))
    assert refused(story) == ("CURRENCY_NOT_PRICED", True)


@pytest.mark.parametrize("plan_id", [str(PLAN), "gold"])
def test_a_plan_that_is_not_known_is_asked_for_again(plan_id: str) -> None:
    story, wanted = awaiting(sold(plan_id))
    story.when(begin, wanted)
    assert refused(story) == ("PLAN_NOT_FOUND", False)
    assert story.work.timers[fulfillment_id(ORDER, "a"), FULFILL]


def test_it_starts_once_its_plan_is_known() -> None:
    story, wanted = awaiting()
    known(story.when(begin, wanted), terms()).after(minutes=1).when(try_again, "a")
    assert of_subscription(story)[2:] == [
        "subscription.activation_requested",
        "subscription.started",
        "subscription.activated",
    ]
    assert story.when(opened, None).result.refusal is None
    assert recorded(story, invoice.Issued)[0].number == "INV-2026-000001"


def test_a_line_that_is_handed_over_twice_has_one_subscription_and_one_invoice() -> None:
    story = running()

    async def hand_over_again(_: None, work: UnitOfWork) -> None:
        line = await work.open(Fulfillment, fulfillment_id(ORDER, "a"))
        assert line.status is Status.SUCCESSFUL
        (delivery,) = deliveries_of(ORDER, CUSTOMER, sale(sold()))
        await fulfiller_of(delivery).perform(delivery, work)

    story.when(hand_over_again, None).then_nothing()


def test_its_order_ends_it_at_once_and_gives_nothing_back_beyond_the_order_s_refund() -> None:
    story = running().after(days=3).when(call_off, "changed my mind")
    assert of_subscription(story)[-2:] == ["subscription.cancel_requested", "subscription.cancelled"]
    (ended,) = recorded(story, subscription.Cancelled)
    assert (ended.cause, ended.at) == ("order", story.now)
    found = story.when(opened, None).result
    assert (found.status, found.is_entitled) == ("cancelled", False)
    assert story.when(invoiced, None).result.status == "paid"


def test_without_a_plan_it_is_active_at_once_has_no_periods_and_ends_with_its_order() -> None:
    story = begun(sold(None))
    assert of_subscription(story) == ["subscription.activation_requested", "subscription.activated"]
    assert not recorded(story, invoice.Issued)
    found = story.when(opened, None).result
    assert (found.is_entitled, found.period, found.started) == (True, None, None)
    story.when(call_off, "changed my mind")
    assert of_subscription(story)[2:] == ["subscription.cancel_requested"]


def stored(*facts: tuple[type[Fact], dict[str, Any]]) -> Scenario:
    """As the release before plans has stored it."""
    line: dict[str, Any] = {"order_id": ORDER, "line_id": "a", "customer_id": CUSTOMER}
    request = subscription.ActivationRequested(**stamp(SUBSCRIPTION), **line, plan_id="gold")
    return given(request, *(kind(**stamp(SUBSCRIPTION), **more) for kind, more in facts))


def test_a_stored_one_from_before_plans_is_active_until_its_order_ends_it() -> None:
    active = stored((subscription.Activated, {})).when(opened, None).result
    assert (active.is_entitled, active.plan_id, active.period) == (True, "gold", None)
    line = {"order_id": ORDER, "line_id": "a", "customer_id": CUSTOMER}
    ended = stored((subscription.Activated, {}), (subscription.CancelRequested, line)).when(opened, None)
    assert (ended.result.status, ended.result.cancelled_at) == ("cancelled", NOW)
