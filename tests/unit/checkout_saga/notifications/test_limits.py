"""Alike messages to the shop keep an interval, and an address gets few invitations."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from checkout_saga.notifications.domain.retries import Progress
from checkout_saga.notifications.use_cases.resending import resend
from checkout_saga.notifications.use_cases.sending import Mail, begin_sending, take_up
from contracts import license_, notification
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.checkout_saga.examples import CUSTOMER
from tests.unit.checkout_saga.notifications.told import (
    ADDRESS,
    EXPIRES,
    LICENSE,
    LICENSED,
    SLACK_CHANNEL,
    channel,
    channels_set,
    customer_exists,
    settings,
)

CHANNELS = channels_set(channel(SLACK_CHANNEL, "slack"))


def alarm(number: int, seconds: float, code: str = "SILENCE") -> notification.Requested:
    return notification.Requested(
        **{**stamp(UUID(int=number)), "timestamp": NOW + timedelta(seconds=seconds)},
        kind="operator_needed",
        channel="slack",
        about=UUID(int=number),
        channel_id=SLACK_CHANNEL,
        code=code,
    )


def take(story: Scenario, number: int, progress: Progress = Progress()) -> Mail | None:  # noqa: B008  # immutable
    async def act(it: Progress, work: UnitOfWork) -> Mail | None:
        return await take_up(UUID(int=number), it, work)

    result: Mail | None = story.when(act, progress).result
    return result


def skipped_in(story: Scenario) -> list[tuple[str, int, UUID | None]]:
    skips = [it for it in story.work.facts if isinstance(it, notification.Skipped)]
    return [(it.reason, it.left_out, it.after) for it in skips]


def test_alike_messages_within_the_interval_are_left_out_and_the_next_one_counts_them() -> None:
    story = given(CHANNELS, alarm(1, 0), alarm(2, 10), alarm(3, 299), alarm(4, 300), alarm(5, 310))
    first = take(story, 1)
    assert first
    assert first.left_out == 0
    for number, count in ((2, 1), (3, 2)):
        assert take(story, number) is None
        assert skipped_in(story) == [("interval", count, UUID(int=1))]
    fourth = take(story, 4)
    assert fourth
    assert fourth.left_out == 2
    assert take(story, 5) is None
    assert skipped_in(story) == [("interval", 1, UUID(int=4))]


def test_the_count_is_recorded_with_the_transfer() -> None:
    async def begin(it: Progress, work: UnitOfWork) -> bool:
        return await begin_sending(UUID(int=1), it, work)

    story = given(CHANNELS, alarm(1, 0)).when(begin, Progress(left_out=2))
    (fact,) = story.work.facts
    assert isinstance(fact, notification.Sending)
    assert fact.left_out == 2


def test_another_code_is_another_message() -> None:
    story = given(CHANNELS, alarm(1, 0), alarm(2, 1, "DECLINED"))
    assert take(story, 1)
    assert take(story, 2)


def test_one_that_is_tried_again_keeps_its_turn_and_its_count() -> None:
    story = given(CHANNELS, alarm(1, 0), alarm(2, 10))
    assert take(story, 1)
    assert take(story, 2) is None
    assert take(story, 1), "it leads, also if its process had died before anything was recorded of it"
    again = take(story, 1, Progress(tries=1, left_out=4))
    assert again
    assert again.left_out == 4


def test_an_operator_sends_one_again_whatever_was_sent_before() -> None:
    story = given(CHANNELS, alarm(1, 0), alarm(2, 10))
    assert take(story, 1)
    assert take(story, 2) is None
    story.when(resend, UUID(int=2))
    assert take(story, 2)


@pytest.mark.parametrize("channels", [channels_set(), channels_set(channel(SLACK_CHANNEL, "slack", "x"))])
def test_a_channel_that_was_removed_meanwhile_gets_nothing(channels: object) -> None:
    story = given(channels, alarm(1, 0))  # type: ignore[arg-type]
    assert take(story, 1) is None
    assert skipped_in(story) == [("no_channel", 0, None)]


def invitation(number: int, hours: float) -> notification.Requested:
    return notification.Requested(
        **{**stamp(UUID(int=number)), "timestamp": NOW + timedelta(hours=hours)},
        kind="seat_invitation",
        channel="email",
        about=LICENSE,
        customer_id=CUSTOMER,
        details={"number": number},
    )


def invited(number: int) -> license_.SeatInvited:
    return license_.SeatInvited(
        **stamp(LICENSE), number=number, address=ADDRESS, personal=f"invitee {number}", expires_at=EXPIRES
    )


PAGES = settings(storefront_url="https://shop.example")
NUMBERS = range(1, 6)
INVITING = (LICENSED, customer_exists(), *map(invited, NUMBERS))


def test_an_address_gets_at_most_three_invitations_a_day() -> None:
    story = given(PAGES, *INVITING, *(invitation(it, it) for it in NUMBERS[:4]), invitation(5, 24))
    story.after(hours=4)
    taken = [take(story, it) for it in (1, 2, 3)]
    assert [it and it.sealed for it in taken] == ["invitee 1", "invitee 2", "invitee 3"]
    assert take(story, 1), "one that is tried again counts once"
    assert take(story, 4) is None
    assert skipped_in(story) == [("too_many", 0, None)]
    story.after(hours=21.5)  # the first one is more than a day ago
    assert take(story, 5)


def test_invitations_that_an_operator_repeats_count() -> None:
    story = given(PAGES, *INVITING, invitation(1, 0), invitation(2, 0))
    sent = [
        notification.Sending(**stamp(UUID(int=1)), kind="seat_invitation", attempt=1),
        notification.Sent(**stamp(UUID(int=1)), kind="seat_invitation"),
    ]
    assert take(story, 1)
    assert take(story, 2)
    for _ in range(2):
        for fact in sent:
            past = story.world.past[UUID(int=1)]
            story.world.record(fact.model_copy(update={"originator_version": len(past) + 1}))
        story.after(minutes=1).when(resend, UUID(int=1))
    assert take(story, 1) is None
    assert skipped_in(story) == [("too_many", 0, None)]


def test_an_invitation_needs_a_page_to_lead_to() -> None:
    story = given(*INVITING, invitation(1, 0))
    assert take(story, 1) is None
    assert skipped_in(story) == [("no_page", 0, None)]


@pytest.mark.parametrize(
    "end",
    [
        license_.SeatAccepted(**stamp(LICENSE), number=1, customer_id="other"),
        license_.SeatRevoked(**stamp(LICENSE), number=1),
        license_.SeatExpired(**stamp(LICENSE), number=1),
    ],
    ids=["accepted", "taken back", "expired"],
)
def test_an_invitation_to_a_seat_that_is_not_offered_any_more_is_not_sent(end: license_.LicenseFact) -> None:
    story = given(PAGES, *INVITING, end, invitation(1, 0))
    assert take(story, 1) is None
    assert skipped_in(story) == [("overtaken", 0, None)]
