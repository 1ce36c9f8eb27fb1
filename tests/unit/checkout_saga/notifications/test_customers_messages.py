"""Who gets a message about an order, what it shows, and how an operator sends it again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from checkout_saga.notifications.domain.errors import NotificationNotFound
from checkout_saga.notifications.domain.retries import PAUSES, Progress
from checkout_saga.notifications.use_cases.requesting import SEND_NOTIFICATION
from checkout_saga.notifications.use_cases.resending import resend
from checkout_saga.notifications.use_cases.sending import Mail, take_up, try_later
from contracts import checkout, customer, download, notification
from contracts.envelope import Fact
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.checkout_saga.examples import CHECKOUT, CUSTOMER, CUSTOMER_STREAM, ORDER
from tests.unit.checkout_saga.notifications import told as facts
from tests.unit.checkout_saga.notifications.examples import contact_set
from tests.unit.checkout_saga.notifications.told import customer_exists, settings
from tests.unit.checkout_saga.test_push_payments import pix

MAIL = UUID(int=0xAA)
ERASED = customer.Erased(**stamp(CUSTOMER_STREAM), customer_id=CUSTOMER)
NO_NEWS = customer.PreferencesChanged(
    **stamp(CUSTOMER_STREAM),
    customer_id=CUSTOMER,
    preferences={"order_shipped": False, "return_approved": False, "reward_granted": False},
)
REQUESTED_AGAIN = {"resent_by": "tester"}


def requested(kind: str = "order_confirmation", **other: Any) -> notification.Requested:
    return notification.Requested(
        **stamp(MAIL), kind=kind, channel="email", about=ORDER, customer_id=CUSTOMER, order_id=ORDER, **other
    )


def of_mail(fact: Callable[..., Fact], **fields: Any) -> Fact:
    return fact(**stamp(MAIL), kind="order_confirmation", **fields)


SENDING = of_mail(notification.Sending, attempt=1)
SENT, UNKNOWN = of_mail(notification.Sent), of_mail(notification.Unknown)
FAILED = of_mail(notification.Failed, code="gave_up")


async def taking(progress: Progress, work: UnitOfWork) -> Mail | None:
    return await take_up(MAIL, progress, work)


def taken(*past: Fact) -> Scenario:
    return given(facts.BOUGHT, *past).when(taking, Progress())


def skipped(reason: str, kind: str = "order_confirmation") -> notification.Skipped:
    return notification.Skipped(**stamp(MAIL), kind=kind, reason=reason)


def test_it_goes_to_the_address_of_the_purchases_in_the_language_of_the_contact() -> None:
    mail = taken(customer_exists(), contact_set(), requested()).result
    assert (mail.sealed, mail.locale) == ("sealed person", "pt-BR")
    assert mail.shown.values["number"]
    assert [it["quantity"] for it in mail.shown.values["lines"]] == [2, 1, 3]


def test_without_a_purchase_it_goes_to_the_contact() -> None:
    assert taken(contact_set(), requested()).result.sealed == "sealed contact"


@pytest.mark.parametrize(
    ("past", "reason"),
    [((), "no_address"), ((customer_exists(), ERASED), "erased")],
    ids=["unknown", "erased"],
)
def test_a_customer_without_an_address_gets_none(past: tuple[Fact, ...], reason: str) -> None:
    taken(*past, requested()).then(skipped(reason))


@pytest.mark.parametrize("kind", ["order_shipped", "return_approved"])
def test_a_customer_may_switch_off_what_is_not_owed(kind: str) -> None:
    details = {"units": {"c": 1}} if kind == "order_shipped" else {"expires_at": NOW.isoformat()}
    taken(customer_exists(), NO_NEWS, requested(kind, details=details)).then(skipped("no_consent", kind))


def test_what_is_owed_has_no_switch() -> None:
    assert taken(customer_exists(), NO_NEWS, requested()).result is not None


def test_a_message_about_some_units_shows_these_alone() -> None:
    mail = taken(customer_exists(), requested("order_shipped", details={"units": {"c": 2}})).result
    assert [(it["quantity"], it["total"]) for it in mail.shown.values["lines"]] == [(2, None)]
    assert mail.shown.values["totals"] is None


def ready(*past: Fact) -> Scenario:
    about = requested("download_ready", details={"units": {"b": 1}}).model_copy(
        update={"about": facts.DOWNLOAD}
    )
    return taken(customer_exists(), facts.GRANTED, *past, about)


def test_a_download_is_told_with_what_is_left_of_it() -> None:
    shown = ready(download.Used(**stamp(facts.DOWNLOAD), number=1)).result.shown.values
    assert [it["name"] for it in shown["lines"]] == [facts.BOUGHT.sale.lines[1].name]
    assert (shown["uses"], shown["expires_at"]) == (4, NOW + timedelta(days=30))


@pytest.mark.parametrize(
    "last",
    [download.Revoked(**stamp(facts.DOWNLOAD)), download.Used(**stamp(facts.DOWNLOAD), number=5)],
    ids=["revoked", "used up"],
)
def test_a_download_that_cannot_be_fetched_any_more_is_not_told(last: Fact) -> None:
    ready(last).then(skipped("overtaken", "download_ready"))


def pending(*past: Fact) -> Scenario:
    wanted = notification.Requested(
        **stamp(MAIL),
        kind="payment_pending",
        channel="email",
        about=facts.STARTED.originator_id,
        customer_id=CUSTOMER,
        details={"attempt": 1},
    )
    return given(facts.STARTED, customer_exists(), *past, wanted).when(taking, Progress())


def test_a_payment_that_is_not_waited_for_any_more_is_not_asked_for() -> None:
    pending().then(skipped("overtaken", "payment_pending"))


def test_a_payment_that_is_waited_for_is_asked_for_with_its_instructions() -> None:
    story = pix()
    (asked,) = [it for it in story.world.past[CHECKOUT] if isinstance(it, checkout.ActionRequired)]
    (wanted,) = facts.requested_in(facts.told(story, asked))

    async def take(notification_id: UUID, work: UnitOfWork) -> Mail | None:
        return await take_up(notification_id, Progress(), work)

    mail = story.when(take, wanted.originator_id).result
    assert mail.shown.sealed == asked.action
    assert (mail.shown.values["method"], mail.shown.values["until"]) == ("pix", asked.until)
    assert mail.shown.values["totals"].total


def test_the_shops_language_counts_where_the_customers_is_not_known() -> None:
    mail = taken(customer_exists(), settings(locale="pt-BR"), requested()).result
    assert (mail.locale, mail.shop.locale) == (None, "pt-BR")


@pytest.mark.parametrize(
    "past",
    [(SENDING, SENT), (SENDING, UNKNOWN), (FAILED,), (skipped("no_address"),)],
    ids=["sent", "unknown", "failed", "skipped"],
)
def test_an_operator_sends_again_what_has_ended(past: tuple[Fact, ...]) -> None:
    story = given(requested(), *past).when(resend, MAIL)
    story.then(requested(**REQUESTED_AGAIN))
    story.then_timer(SEND_NOTIFICATION, MAIL, NOW, {})


def test_one_that_waits_for_its_next_try_is_tried_at_once() -> None:
    story = given(requested()).when(resend, MAIL)
    story.then()
    story.then_timer(SEND_NOTIFICATION, MAIL, NOW, {})


def test_one_that_is_being_transferred_is_left_alone() -> None:
    story = given(requested(), SENDING).when(resend, MAIL)
    story.then()
    assert story.work.timers == {}


def test_only_a_notification_is_sent_again() -> None:
    given().when(resend, MAIL).then_refused(NotificationNotFound)


def test_x39_a_mail_server_that_is_down_is_tried_for_31_hours_21_minutes_and_25_seconds() -> None:
    story, moments = given(customer_exists(), requested()), [0.0]
    for number in range(1, len(PAUSES) + 1):

        async def fail(it: Progress, work: UnitOfWork) -> None:
            await try_later(MAIL, it, None, work)

        story.when(fail, Progress(tries=number)).then()
        timer = story.work.timers[MAIL, SEND_NOTIFICATION]
        assert timer is not None
        story.at(timer.due_at)
        moments.append((timer.due_at - NOW).total_seconds())
    assert moments == [0, 1, 5, 21, 85, 385, 1285, 4885, 12085, 26485, 55285, 112885]
    story.when(fail, Progress(tries=len(PAUSES) + 1))
    story.then(of_mail(notification.Failed, code="gave_up"))
