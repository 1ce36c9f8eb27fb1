"""The figures of a journey: one that differs is a problem that names its chapter."""

from __future__ import annotations

from demo.journeys.story import Story, as_json


def test_a_figure_that_differs_is_a_problem_of_its_chapter() -> None:
    story = Story()
    story.begin("A purchase")
    story.check("the checkout", "completed", "completed")
    story.begin("A refund")
    story.check_money("paid back", 1_959, 1_958)
    assert story.problems() == ["A refund: paid back: $19.58 instead of $19.59"]
    shown = as_json("elearning", story)
    assert shown["ok"] is False
    assert [it["holds"] for it in shown["chapters"][1]["figures"]] == [False]


def test_a_journey_whose_figures_hold_is_without_problems() -> None:
    story = Story()
    story.begin("A purchase")
    story.check("the order", "fulfilled", "fulfilled")
    assert story.problems() == []
    assert as_json("saas", story)["ok"] is True
