"""Abandonment: a cart counts once, and is recovered once, by the attempt after which it was bought."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from projections.models.carts.model import CARTS
from tests.support.purchases import Happening
from tests.support.shoppers import CartStory
from tests.unit.projections.cart_strategies import cart_stories
from tests.unit.projections.expected_rows import interleavings, of_one_tenant

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATE = datetime(2026, 1, 1, 23, 50, tzinfo=UTC)
FIRST, SECOND, THIRD = (date(2026, 1, day) for day in (1, 2, 3))


def table(happened: Iterable[Happening]) -> dict[Any, Any]:
    return of_one_tenant(CARTS, happened, "abandonment")


def by_attempt(story: CartStory) -> dict[int, tuple[int, int]]:
    """Abandoned and recovered, of all days."""
    found: dict[int, tuple[int, int]] = {}
    for (_, _, attempt, _), (abandoned, recovered, *_) in table(story.happened).items():
        before = found.get(attempt, (0, 0))
        found[attempt] = before[0] + abandoned, before[1] + recovered
    return found


def abandoned(at: datetime = NOON) -> CartStory:
    story = CartStory(at=at)
    story.add()
    story.later(minutes=30)
    story.abandon()
    return story


def reminded(times: int) -> CartStory:
    story = abandoned()
    for attempt in range(1, times + 1):
        story.later(hours=1)
        story.remind(attempt)
    return story


def test_a_cart_is_recovered_by_the_attempt_after_which_it_was_bought() -> None:
    for times, expected in enumerate(
        (
            {0: (1, 1)},
            {0: (1, 0), 1: (1, 1)},
            {0: (1, 0), 1: (1, 0), 2: (1, 1)},
            {0: (1, 0), 1: (1, 0), 2: (1, 0), 3: (1, 1)},
        )
    ):
        story = reminded(times)
        story.later(minutes=5)
        story.buy()
        assert by_attempt(story) == expected


def test_the_revenue_is_that_of_the_order() -> None:
    story = reminded(1)
    story.buy(total=850)
    assert table(story.happened) == {
        (FIRST, "USD", 0, FIRST): (1, 0, 1_000, 0),
        (FIRST, "USD", 1, FIRST): (1, 1, 1_000, 850),
    }


def test_a_cart_that_comes_back_and_is_not_bought_is_not_recovered() -> None:
    story = reminded(1)
    story.recover("link")
    assert by_attempt(story) == {0: (1, 0), 1: (1, 0)}


def test_a_second_abandonment_and_the_expiry_are_not_abandonments_again() -> None:
    story = abandoned()
    story.recover()
    story.later(hours=30)
    story.abandon()
    story.later(hours=40)
    story.expire()
    assert table(story.happened) == {(FIRST, "USD", 0, FIRST): (1, 0, 1_000, 0)}


def test_a_message_that_is_due_after_the_purchase_is_no_attempt() -> None:
    story = abandoned()
    story.buy()
    story.later(minutes=1)
    story.remind(1)
    assert by_attempt(story) == {0: (1, 1)}


def test_a_purchase_after_midnight_counts_on_the_day_of_the_abandonment() -> None:
    story = abandoned(LATE - timedelta(minutes=30))
    story.later(hours=1)
    story.buy()
    assert table(story.happened) == {
        (FIRST, "USD", 0, FIRST): (1, 0, 1_000, 0),
        (FIRST, "USD", 0, SECOND): (0, 1, 0, 1_000),
    }


def test_what_is_recorded_late_is_known_late() -> None:
    story = abandoned()
    story.start()
    story.late = timedelta(days=2)
    story.complete()
    assert table(story.happened) == {
        (FIRST, "USD", 0, FIRST): (1, 0, 1_000, 0),
        (FIRST, "USD", 0, THIRD): (0, 1, 0, 1_000),
    }


def test_a_purchase_eight_days_after_the_last_attempt_is_not_its_merit() -> None:
    story = reminded(3)
    story.start()
    story.later(days=8)
    story.complete()
    assert sum(recovered for _, recovered in by_attempt(story).values()) == 0


def test_a_guest_s_cart_that_was_merged_is_not_given_up() -> None:
    guest, own = abandoned(), CartStory("own", NOON)
    guest.merge_into(own)
    assert table([*guest.happened, *own.happened]) == {}


@given(data=st.data(), stories=cart_stories())
def test_the_order_of_facts_of_different_keys_does_not_matter_to_abandonment(
    data: st.DataObject, stories: list[CartStory]
) -> None:
    facts = [fact for story in stories for fact in story.happened]
    assert table(data.draw(interleavings(facts))) == table(facts)


@given(stories=cart_stories())
def test_a_cart_is_abandoned_at_most_once_and_recovered_at_most_once(stories: list[CartStory]) -> None:
    for story in stories:
        found = by_attempt(story)
        recovered = sum(it[1] for it in found.values())
        assert all(times == 1 for times, _ in found.values()) and recovered <= 1
        assert all(recovered <= abandoned for abandoned, recovered in found.values())
