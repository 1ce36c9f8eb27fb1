"""Which facts are told to whom, once each, in the unit of work that records them."""

from __future__ import annotations

from typing import Any

import pytest

from checkout_saga.notifications.domain.kinds import CustomerKind, ShopKind
from checkout_saga.notifications.domain.notification import Notification, notification_id_of
from checkout_saga.notifications.use_cases.announcing import request_reward
from checkout_saga.notifications.use_cases.causes import CAUSES
from checkout_saga.notifications.use_cases.listing import CUSTOMER_NOTIFICATION, ORDER_NOTIFICATION
from checkout_saga.notifications.use_cases.requesting import SEND_NOTIFICATION
from checkout_saga.notifications.use_cases.sending import resume_notification
from contracts import reward
from contracts.envelope import Fact
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.checkout_saga.examples import CUSTOMER, ORDER
from tests.unit.checkout_saga.notifications import told as facts
from tests.unit.checkout_saga.notifications.told import (
    BOTH,
    MAIL_CHANNEL,
    SLACK_CHANNEL,
    channel,
    channels_set,
    requested_in,
    told,
)

SLACK = channels_set(channel(SLACK_CHANNEL, "slack"))
OF_CHECKOUT, OF_ORDER = (facts.STARTED,), (facts.BOUGHT,)
TO_CUSTOMERS: list[Any] = [
    ("order_confirmation", OF_CHECKOUT, facts.COMPLETED),
    ("payment_pending", OF_CHECKOUT, facts.PIX),
    ("payment_failed", OF_CHECKOUT, facts.DECLINED),
    ("order_shipped", (), facts.DISPATCHED),
    ("order_refunded", OF_ORDER, facts.REFUNDED),
    ("order_cancelled", (*OF_ORDER, facts.HANDED_OVER), facts.CANCELLED),
    ("order_cancelled", OF_ORDER, facts.LINES_CANCELLED),
    ("return_approved", (), facts.APPROVED),
    ("seat_invitation", (facts.LICENSED,), facts.INVITED),
    ("download_ready", (), facts.GRANTED),
]
TO_THE_SHOP: list[Any] = [
    ("checkout_failed", OF_CHECKOUT, facts.SOLD_OUT),
    ("operator_needed", OF_CHECKOUT, facts.NEEDED),
    ("refund_stuck", OF_ORDER, facts.STUCK),
    ("fulfillment_failed", (facts.HANDING_OVER,), facts.LOST),
    ("review_needed", (*OF_CHECKOUT, facts.LOCKED), facts.REVIEWED),
    ("reconciliation_difference", (), facts.DIFFERENT),
]


def kinds_in(story: Scenario) -> list[tuple[str, str]]:
    return [(it.kind, it.channel) for it in requested_in(story)]


@pytest.mark.parametrize(("kind", "past", "fact"), TO_CUSTOMERS)
def test_a_customer_is_told_by_a_mail_that_is_due_at_once(
    kind: str, past: tuple[Fact, ...], fact: Fact
) -> None:
    story = told(given(*past), fact)
    (requested,) = requested_in(story)
    assert (requested.kind, requested.channel, requested.customer_id) == (kind, "email", CUSTOMER)
    assert requested.about == fact.originator_id
    story.then_timer(SEND_NOTIFICATION, requested.originator_id, NOW)


@pytest.mark.parametrize(("kind", "past", "fact"), TO_THE_SHOP)
def test_the_shop_is_told_by_each_channel_that_wants_the_kind(
    kind: str, past: tuple[Fact, ...], fact: Any
) -> None:
    story = told(given(*past, BOTH), fact)
    code = "FRAUD_REVIEW" if kind == "review_needed" else fact.code
    assert [(it.kind, it.channel, it.channel_id, it.customer_id, it.code) for it in requested_in(story)] == [
        (kind, "email", MAIL_CHANNEL, None, code),
        (kind, "slack", SLACK_CHANNEL, None, code),
    ]


def test_every_cause_has_an_example_here() -> None:
    examples = [(kind, type(fact)) for kind, _, fact in (*TO_CUSTOMERS, *TO_THE_SHOP)]
    assert sorted((it.kind, it.fact.TYPE) for it in CAUSES) == sorted(
        (kind, fact.TYPE) for kind, fact in examples
    )
    consumed = {CustomerKind.REWARD_GRANTED}
    assert {it.kind for it in CAUSES} == {*CustomerKind, *ShopKind} - consumed


@pytest.mark.parametrize(
    ("past", "fact"),
    [
        (OF_CHECKOUT, facts.REDIRECT),
        (OF_CHECKOUT, facts.SOLD_OUT),
        (OF_ORDER, facts.CANCELLED),
        ((facts.HANDING_OVER,), facts.TRIED_AGAIN),
        (OF_CHECKOUT, facts.AT_THE_PROVIDER),
    ],
    ids=[
        "no push payment",
        "not about the payment",
        "never confirmed",
        "tried again by itself",
        "does not wait for a review",
    ],
)
def test_some_facts_of_these_types_need_no_message(past: tuple[Fact, ...], fact: Fact) -> None:
    assert kinds_in(told(given(*past), fact)) == []


def test_the_shop_hears_what_is_to_be_reviewed_and_what_differs() -> None:
    (review,) = requested_in(told(given(*OF_CHECKOUT, facts.LOCKED, SLACK), facts.REVIEWED))
    assert review.details == {"detail": "20.00 USD"}
    (difference,) = requested_in(told(given(SLACK), facts.DIFFERENT))
    assert difference.details == {"detail": "simulated: capture ch_1"}


def test_a_declined_payment_is_told_to_the_customer_and_to_the_shop() -> None:
    story = told(given(facts.STARTED, BOTH), facts.DECLINED)
    assert kinds_in(story) == [
        ("payment_failed", "email"),
        ("checkout_failed", "email"),
        ("checkout_failed", "slack"),
    ]


def test_a_channel_gets_only_the_kinds_that_it_wants() -> None:
    wanting = channels_set(channel(SLACK_CHANNEL, "slack", "refund_stuck"))
    assert kinds_in(told(given(facts.BOUGHT, wanting), facts.STUCK)) == [("refund_stuck", "slack")]
    assert kinds_in(told(given(facts.STARTED, wanting), facts.SOLD_OUT)) == []


def test_without_a_mail_server_no_mail_is_requested() -> None:
    assert kinds_in(told(given(facts.STARTED), facts.COMPLETED, has_mail=False)) == []
    story = told(given(facts.STARTED, BOTH), facts.SOLD_OUT, has_mail=False)
    assert kinds_in(story) == [("checkout_failed", "slack")]


def test_the_id_follows_from_the_fact_the_kind_and_the_recipient() -> None:
    (requested,) = requested_in(told(given(facts.STARTED), facts.COMPLETED))
    stream, version = facts.COMPLETED.originator_id, facts.COMPLETED.originator_version
    expected = notification_id_of(stream, version, "order_confirmation", f"email/{CUSTOMER}")
    assert requested.originator_id == expected


def test_it_is_listed_for_its_order_and_its_customer_and_again_after_a_recovery() -> None:
    story = told(given(facts.STARTED), facts.COMPLETED)
    (requested,) = requested_in(story)

    async def again(_: object, work: UnitOfWork) -> None:
        await resume_notification(await work.open(Notification, requested.originator_id), work)

    for it in (story.work.claims, given(*story.work.facts).when(again, None).work.claims):
        assert {kind for kind, _ in it} == {ORDER_NOTIFICATION, CUSTOMER_NOTIFICATION}
        assert set(it.values()) == {requested.originator_id}
    assert any(value.startswith(f"{ORDER}/") for _, value in story.work.claims)


CONFIRMED = reward.Confirmed(
    **stamp(ORDER), referrer_id="referrer/1", order_id=ORDER, amount=500, currency="USD"
)


def test_a_confirmed_reward_is_told_to_the_referrer_once_however_often_it_is_read() -> None:
    story = given().when(request_reward, CONFIRMED)
    (requested,) = requested_in(story)
    assert (requested.kind, requested.customer_id) == ("reward_granted", "referrer/1")
    assert requested.details == {"amount": 500, "currency": "USD"}
    story.when(request_reward, CONFIRMED).then()
