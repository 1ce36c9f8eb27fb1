"""Which facts of a cart call for a message, and which overtake one."""

from __future__ import annotations

from functools import partial

import pytest

from checkout_saga.notifications.use_cases.requesting import (
    RECOVERY_OF_CART,
    SEND_NOTIFICATION,
    request_recovery,
    skip_overtaken,
)
from contracts import cart, customer, notification
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.checkout_saga.notifications.examples import (
    CART,
    CUSTOMER,
    CUSTOMER_STREAM,
    EXPIRES,
    FIRST,
    MAIL,
    SECOND,
    SECOND_MAIL,
    contact_set,
    requested,
    sending,
    sent,
    skipped,
)

NO_MAILS_ABOUT_CARTS = customer.PreferencesChanged(
    **stamp(CUSTOMER_STREAM), customer_id=CUSTOMER, preferences={"cart_recovery": False}
)


def when_due(story: Scenario, fact: cart.RecoveryDue = FIRST, *, has_channel: bool = True) -> Scenario:
    pending = story.world.claims.get((RECOVERY_OF_CART, str(CART)))

    async def act(it: cart.RecoveryDue, work: object) -> None:
        await request_recovery(it, pending, work, has_channel=has_channel)  # type: ignore[arg-type]

    return story.when(act, fact)


def pending(*past: notification.NotificationFact | customer.CustomerFact) -> Scenario:
    return given(contact_set(), requested(), *past).claimed(RECOVERY_OF_CART, str(CART), MAIL)


def test_a_due_message_is_recorded_first_and_sent_at_once() -> None:
    story = when_due(given(contact_set()))
    story.then(requested())
    story.then_timer(SEND_NOTIFICATION, MAIL, NOW)
    story.then_holds(RECOVERY_OF_CART, str(CART), MAIL)


def test_a_fact_that_is_read_twice_makes_one_message() -> None:
    when_due(pending()).then()


@pytest.mark.parametrize(
    ("past", "reason", "locale"),
    [
        ((), "no_address", None),
        ((customer.Created(**stamp(CUSTOMER_STREAM), personal="p", guest=True),), "no_consent", None),
        ((contact_set(recovery=False),), "no_consent", "pt-BR"),
        ((contact_set(), NO_MAILS_ABOUT_CARTS), "no_consent", "pt-BR"),
        (
            (contact_set(), customer.Erased(**stamp(CUSTOMER_STREAM), customer_id="shopper/7")),
            "erased",
            None,
        ),
    ],
)
def test_a_customer_without_address_or_consent_gets_none(
    past: tuple[customer.CustomerFact, ...], reason: str, locale: str | None
) -> None:
    when_due(given(*past)).then(requested(locale=locale), skipped(reason))


def test_without_a_mail_server_it_is_skipped() -> None:
    when_due(given(contact_set()), has_channel=False).then(requested(), skipped("no_channel"))


def test_an_expired_cart_has_no_message() -> None:
    story = when_due(given(contact_set()).at(EXPIRES))
    story.then(requested(), skipped("overtaken"))


def test_the_next_message_overtakes_one_that_was_not_sent_yet() -> None:
    story = when_due(pending(), SECOND)
    story.then(skipped("overtaken"), requested(SECOND))
    story.then_holds(RECOVERY_OF_CART, str(CART), SECOND_MAIL)


def test_a_recovered_or_merged_cart_overtakes_its_message() -> None:
    story = pending().when(partial(overtake, MAIL), CART)
    story.then(skipped("overtaken"))
    assert story.work.timers == {(MAIL, SEND_NOTIFICATION): None}
    assert story.work.claims == {(RECOVERY_OF_CART, str(CART)): None}


def test_a_message_that_is_being_transferred_goes_on() -> None:
    story = pending(sending()).when(partial(overtake, MAIL), CART)
    story.then()
    assert story.work.timers == {}


def test_a_message_that_was_sent_is_not_overtaken() -> None:
    pending(sending(), sent()).when(partial(overtake, MAIL), CART).then()


async def overtake(message: object, cart_id: object, work: object) -> None:
    await skip_overtaken(cart_id, message, work)  # type: ignore[arg-type]
