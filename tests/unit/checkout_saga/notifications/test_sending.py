"""A message is transferred at most once, and every way in which that may end is recorded."""

from __future__ import annotations

from datetime import timedelta

import pytest

from checkout_saga.notifications.domain.retries import PAUSES, Progress
from checkout_saga.notifications.use_cases.listing import (
    CUSTOMER_NOTIFICATION,
    NOTIFICATION_NEEDING_ATTENTION,
)
from checkout_saga.notifications.use_cases.requesting import RECOVERY_OF_CART, SEND_NOTIFICATION
from checkout_saga.notifications.use_cases.resending import resend
from checkout_saga.notifications.use_cases.sending import (
    begin_sending,
    record_rejected,
    record_sent,
    record_skipped,
    record_unknown,
    resume_notification,
    take_up,
    try_later,
)
from contracts import notification
from contracts.envelope import Fact
from kernel.store.sort_keys import time_key
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, given
from tests.unit.checkout_saga.notifications.examples import (
    CART,
    MAIL,
    contact_set,
    failed,
    requested,
    sending,
    sent,
    skipped,
    unknown,
)

LISTED = NOTIFICATION_NEEDING_ATTENTION, f"{time_key(NOW)}/{MAIL}"
"""The key of a message whose outcome is unknown."""


def pending(*past: Fact) -> Scenario:
    return given(contact_set(), requested(), *past).claimed(RECOVERY_OF_CART, str(CART), MAIL)


def when_taken_up(story: Scenario, progress: Progress = Progress()) -> Scenario:  # noqa: B008  # immutable
    async def act(it: Progress, work: UnitOfWork) -> object:
        return await take_up(MAIL, it, work)

    return story.when(act, progress)


def when_begun(story: Scenario, progress: Progress = Progress()) -> Scenario:  # noqa: B008  # immutable
    async def act(it: Progress, work: UnitOfWork) -> bool:
        return await begin_sending(MAIL, it, work)

    return story.when(act, progress)


def test_the_transfer_is_recorded_before_it_begins() -> None:
    story = when_begun(pending())
    story.then(sending())
    assert story.result is True


def test_one_that_another_process_has_begun_is_not_begun_again() -> None:
    story = when_begun(pending(sending()))
    story.then()
    assert story.result is False


def test_one_that_was_overtaken_meanwhile_is_not_begun() -> None:
    story = when_begun(given(contact_set(), requested(), skipped("overtaken")))
    story.then()
    assert story.result is False


def test_a_sent_one_is_done_and_frees_its_key() -> None:
    story = pending(sending()).when(record_sent, MAIL)
    story.then(sent())
    assert story.work.timers == {(MAIL, SEND_NOTIFICATION): None}
    assert story.work.claims == {(RECOVERY_OF_CART, str(CART)): None}


def test_a_transfer_without_an_end_is_unknown_and_is_not_repeated() -> None:
    story = when_taken_up(pending(sending()))
    story.then(unknown())
    assert story.result is None
    assert story.work.timers == {(MAIL, SEND_NOTIFICATION): None}
    story.then_holds(*LISTED, MAIL)


def test_silence_after_the_transfer_is_unknown_and_calls_an_operator() -> None:
    pending(sending()).when(record_unknown, MAIL).then(unknown()).then_holds(*LISTED, MAIL)


def with_unknown_end() -> Scenario:
    return given(contact_set(), requested(), sending(), unknown()).claimed(*LISTED, MAIL)


def test_a_late_answer_of_the_server_corrects_an_unknown_end() -> None:
    with_unknown_end().when(record_sent, MAIL).then(sent()).then_holds(*LISTED, None)


def test_one_that_is_sent_again_calls_no_operator_any_more() -> None:
    with_unknown_end().when(resend, MAIL).then_holds(*LISTED, None)


def test_an_end_that_is_found_unknown_twice_calls_once() -> None:
    with_unknown_end().when(record_unknown, MAIL).then().then_holds(*LISTED, MAIL)


def test_a_refused_transfer_may_be_begun_again() -> None:
    after = Progress().after_refusal(in_transfer=True)
    assert after == Progress(tries=1, answered=1)
    assert when_taken_up(pending(sending()), after).result is not None
    when_begun(pending(sending()), after).then(sending(attempt=2))


def test_a_refused_transfer_that_was_overtaken_is_not_begun_again() -> None:
    story = given(contact_set(), requested(), sending())
    when_taken_up(story, Progress(1, 1)).then(failed("gave_up", None))


def test_a_rejection_for_good_is_the_end() -> None:
    async def act(reply: int, work: UnitOfWork) -> None:
        await record_rejected(MAIL, reply, work)

    pending().when(act, 550).then(failed("rejected", 550))


@pytest.mark.parametrize(
    ("tries", "pause"),
    [
        *enumerate((timedelta(seconds=it) for it in (1, 4, 16, 64)), 1),
        *enumerate((timedelta(minutes=it) for it in (5, 15)), 5),
        *enumerate((timedelta(hours=it) for it in (1, 2, 4, 8, 16)), 7),
    ],
)
def test_it_is_tried_again_after_longer_and_longer_pauses(tries: int, pause: timedelta) -> None:
    story = when_postponed(pending(), Progress(tries))
    story.then()
    story.then_timer(SEND_NOTIFICATION, MAIL, NOW + pause)


def test_after_the_last_pause_it_has_failed() -> None:
    when_postponed(pending(), Progress(len(PAUSES) + 1)).then(failed("gave_up", 421))


def when_postponed(story: Scenario, progress: Progress) -> Scenario:
    async def act(it: Progress, work: UnitOfWork) -> None:
        await try_later(MAIL, it, 421, work)

    return story.when(act, progress)


def test_consent_that_was_withdrawn_meanwhile_counts() -> None:
    story = given(contact_set(), requested(), contact_set(recovery=False))
    when_taken_up(story).then(skipped("no_consent"))


def test_an_erased_address_ends_it() -> None:
    async def act(reason: str, work: UnitOfWork) -> None:
        await record_skipped(MAIL, reason, work)

    pending().when(act, "erased").then(skipped("erased"))


def test_recovered_facts_go_on_where_they_end() -> None:
    async def act(_: object, work: UnitOfWork) -> None:
        from checkout_saga.notifications.domain.notification import Notification

        await resume_notification(await work.open(Notification, MAIL), work)

    story = given(contact_set(), requested(), sending()).when(act, None)
    story.then()
    story.then_timer(SEND_NOTIFICATION, MAIL, NOW)
    story.then_holds(RECOVERY_OF_CART, str(CART), MAIL)
    ended = given(contact_set(), requested(), sending(), sent()).when(act, None)
    assert ended.work.timers == {}
    assert {kind for kind, _ in ended.work.claims} == {CUSTOMER_NOTIFICATION}
    given(contact_set(), requested(), sending(), unknown()).when(act, None).then_holds(*LISTED, MAIL)


def test_facts_name_neither_addresses_nor_texts() -> None:
    fields = {name for it in notification.NotificationFact.__args__ for name in it.model_fields}
    assert not fields & {"email", "address", "to", "body", "subject", "text", "name"}
