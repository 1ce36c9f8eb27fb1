"""Hypothesis strategies for carts with any outcome."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from tests.support.shoppers import CartStory

DAYS = tuple(datetime(2026, 1, day, 23, tzinfo=UTC) for day in (1, 2, 3))
ACTS = ("add", "remove", "start", "lock", "hold", "give_back", "abandon", "remind", "recover", "complete")


@st.composite
def cart_stories(draw: st.DrawFn) -> list[CartStory]:
    """Some guests' carts are merged into the one that was begun before."""
    stories: list[CartStory] = []
    for number in range(draw(st.integers(1, 5))):
        story = CartStory(f"cart {number}", draw(st.sampled_from(DAYS)))
        for act in draw(st.lists(st.sampled_from(ACTS), max_size=8)):
            story.later(hours=draw(st.integers(0, 40)))
            _act(story, act)
        is_merged = draw(st.booleans())
        if stories and is_merged:
            story.merge_into(stories[-1])
        stories.append(story)
    return stories


def _act(story: CartStory, act: str) -> None:
    match act:
        case "remind":
            story.reminders += 1
            story.remind(story.reminders)
        case "add" | "remove" | "abandon" | "recover":
            getattr(story, act)()
        case "start":
            story.start()
        case _ if story.checkouts:
            getattr(story, act)()
