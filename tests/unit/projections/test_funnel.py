"""The funnel: each cart counts once, at the furthest step that it reached."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.upsell import Origin
from projections.models.carts.model import CARTS
from projections.models.carts.state import STEPS
from tests.support.purchases import Happening
from tests.support.shoppers import CartStory, named
from tests.unit.projections.cart_strategies import cart_stories
from tests.unit.projections.expected_rows import interleavings, of_one_tenant, states

LATE = datetime(2026, 1, 1, 23, 50, tzinfo=UTC)
FIRST = date(2026, 1, 1)


def carts(*stories: CartStory) -> dict[str, int]:
    """At each step, of all days."""
    found: dict[str, int] = {}
    for (_, step), (count,) in table(fact for it in stories for fact in it.happened).items():
        found[str(step)] = found.get(str(step), 0) + count
    return found


def table(happened: Iterable[Happening]) -> dict[Any, Any]:
    return of_one_tenant(CARTS, happened, "funnel")


def test_a_cart_is_at_the_furthest_step_that_it_reached() -> None:
    stories = [CartStory(step) for step in STEPS]
    for reached, story in enumerate(stories):
        for act in (story.add, story.start, story.lock, story.hold, story.complete)[:reached]:
            act()
    assert carts(*stories) == dict.fromkeys(STEPS, 1)


def test_a_free_order_is_completed_without_asking_for_money() -> None:
    story = CartStory()
    story.add()
    story.start()
    story.lock()
    story.complete(total=0)
    assert carts(story) == {"completed": 1}


def test_a_cart_whose_checkout_is_tried_again_is_one_funnel() -> None:
    story = CartStory()
    story.add()
    story.start()
    story.lock()
    story.hold()
    story.give_back()
    assert carts(story) == {"payment_asked": 1}
    story.buy()
    assert carts(story) == {"completed": 1}


def test_a_cart_that_was_emptied_stays_where_it_came_to() -> None:
    story = CartStory()
    story.add()
    story.remove()
    assert carts(story) == {"item_added": 1}


def test_a_cart_counts_on_the_day_on_which_it_was_created() -> None:
    story = CartStory(at=LATE)
    story.add()
    story.later(hours=1)
    story.buy()
    assert table(story.happened) == {(FIRST, "completed"): (1,)}


def test_a_guest_s_cart_that_was_merged_is_no_drop_off() -> None:
    guest, own = CartStory("guest"), CartStory("own")
    guest.add()
    own.add()
    guest.merge_into(own)
    assert carts(guest, own) == {"item_added": 1}


def test_an_upsell_that_is_bought_after_the_order_is_not_another_cart() -> None:
    story = CartStory()
    story.add()
    story.buy()
    story.start(origin=Origin(order_id=named("order"), upsell_id=named("upsell"), attempt=1))
    story.complete()
    assert carts(story) == {"completed": 1}


@given(data=st.data(), stories=cart_stories())
def test_the_order_of_facts_of_different_keys_does_not_matter_to_carts(
    data: st.DataObject, stories: list[CartStory]
) -> None:
    facts = [fact for story in stories for fact in story.happened]
    reordered = data.draw(interleavings(facts))
    assert states(CARTS, reordered) == states(CARTS, facts)


@given(stories=cart_stories())
def test_each_step_is_entered_by_no_more_carts_than_the_one_before(stories: list[CartStory]) -> None:
    found = carts(*stories)
    entered = [sum(found.get(later, 0) for later in STEPS[n:]) for n in range(len(STEPS))]
    left = [before - after for before, after in pairwise(entered)]
    assert entered == sorted(entered, reverse=True)
    assert sum(left) + entered[-1] == entered[0] == len({it.cart_id for it in stories if not it.merged})
