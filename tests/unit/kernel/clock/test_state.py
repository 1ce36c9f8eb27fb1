"""What the clocks of a stack say: what is under way, and which timers the next step makes due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kernel.clock.state import MAX_GROUP, ClockState, Survey, group_of, shift_at

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def state(**changes: object) -> ClockState:
    still = ClockState(
        now=NOW,
        shift=0,
        is_empty=False,
        due=0,
        overtaking=0,
        in_progress=0,
        upcoming=0,
        due_times=(),
        publishes=True,
        recorded=7,
        published=7,
        places=(("group", "topic", 0, 5),),
    )
    return still.model_copy(update=changes)


def survey(**states: ClockState) -> Survey:
    return Survey(states, {("topic", 0): 5})


def test_nothing_is_under_way_in_a_stack_that_is_still() -> None:
    still = survey(one=state(), other=state())

    assert (still.due_work(), still.unread(everywhere=True)) == ([], [])


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"due": 2}, "one: 2 timers are due"),
        ({"in_progress": 1}, "one: 1 timers or calls are in progress"),
    ],
)
def test_what_is_due_is_named(changes: dict[str, object], line: str) -> None:
    assert survey(one=state(**changes), other=state()).due_work() == [line]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"recorded": 9}, "one: 2 entries of the log are not published"),
        ({"places": (("group", "topic", 0, 2),)}, "one: 3 records are not read"),
    ],
)
def test_what_is_unread_is_named(changes: dict[str, object], line: str) -> None:
    assert survey(one=state(**changes), other=state()).unread(everywhere=False) == [line]


def test_a_step_is_overtaken_when_further_timers_have_come_due() -> None:
    overtaken = survey(one=state(), other=state(overtaking=1))

    assert overtaken.is_overtaken
    assert overtaken.due_work() == []
    assert not survey(one=state(due=1)).is_overtaken


def test_a_service_that_publishes_nothing_holds_up_no_step() -> None:
    behind = survey(one=state(), reader=state(publishes=False, places=(("group", "topic", 0, 2),)))

    assert behind.unread(everywhere=False) == []
    assert behind.unread(everywhere=True) == ["reader: 3 records are not read"]


def test_what_happens_in_a_waited_for_service_shows_in_the_marks() -> None:
    def marks(everywhere: bool, **changes: object) -> object:
        return survey(one=state(), reader=state(publishes=False, **changes)).marks(everywhere=everywhere)

    assert marks(everywhere=True) != marks(everywhere=True, recorded=8)
    assert marks(everywhere=False) == marks(everywhere=False, recorded=8)
    assert survey(one=state()).marks(everywhere=False) != survey(one=state(published=8)).marks(
        everywhere=False
    )


def test_a_step_is_counted_over_all_services() -> None:
    one = state(due_times=(NOW + MINUTE, NOW + 4 * MINUTE))
    other = state(due_times=(NOW + 2 * MINUTE, NOW + 3 * MINUTE))

    found = survey(one=one, other=other)

    assert [found.next_due(it) for it in (1, 2, 3, 100)] == [NOW + it * MINUTE for it in (1, 2, 3, 4)]
    assert survey(one=state()).next_due(1) is None


@pytest.mark.parametrize(
    ("upcoming", "group"), [(0, 1), (1, 1), (100, 1), (101, 2), (10_000, 100), (10**6, MAX_GROUP)]
)
def test_there_are_a_hundred_steps_at_most_for_the_timers_that_are_set(upcoming: int, group: int) -> None:
    assert group_of(upcoming) == group


def test_the_shift_for_a_time_is_counted_from_the_present_one() -> None:
    assert shift_at(NOW + MINUTE, state(shift=5)) == 60_000_005


def test_a_step_that_was_left_in_the_middle_shows_in_the_shifts() -> None:
    assert survey(one=state(shift=1), other=state(shift=1)).is_level
    assert not survey(one=state(shift=1), other=state(shift=2)).is_level
    assert survey(one=state(shift=1), other=state(shift=2)).furthest == 2
