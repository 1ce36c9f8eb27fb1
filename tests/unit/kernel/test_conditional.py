"""If-None-Match: which conditions say that the caller has what is there already."""

from __future__ import annotations

import pytest

from kernel.http.conditional import Condition


@pytest.mark.parametrize(
    "if_none_match",
    ['"7-ab"', 'W/"7-ab"', '"6-xx", "7-ab"', '"6-xx",W/"7-ab" , "8"', '"a,b", "7-ab"', "*", " * "],
)
def test_a_caller_who_has_the_representation_needs_no_answer(if_none_match: str) -> None:
    assert not Condition(if_none_match).is_met_by('"7-ab"')


@pytest.mark.parametrize(
    "if_none_match", ["", '"7-a"', "7-ab", '"7-ab', 'W/"7-AB"', 'w"7-ab"', '"7-ab,"', '"*"', "**"]
)
def test_a_caller_who_has_another_one_or_names_none_gets_an_answer(if_none_match: str) -> None:
    assert Condition(if_none_match).is_met_by('"7-ab"')


def test_the_comparison_is_weak_on_both_sides() -> None:
    assert not Condition('"7-ab"').is_met_by('W/"7-ab"')


def test_what_has_no_tag_is_had_only_by_a_caller_who_has_anything() -> None:
    assert Condition('""').is_met_by(None)
    assert not Condition("*").is_met_by(None)
