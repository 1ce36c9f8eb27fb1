"""The dictionary, and what every question must say of itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from projections.models.registry import REGISTRY
from projections.questions.dictionary import dictionary_of
from projections.questions.question import Column, Question
from projections.questions.registry import QUESTIONS
from projections.questions.statement import NAMED, parameter_types

TOGETHER = [it for question in QUESTIONS for it in question.together]
FACTS = {it.name: sorted(it.types) for it in REGISTRY.models}


def columns(found: tuple[Column, ...]) -> Iterator[Column]:
    for it in found:
        yield it
        yield from columns(it.fields)


@pytest.mark.parametrize("question", TOGETHER, ids=lambda it: it.name)
def test_a_question_and_its_columns_are_defined_in_whole_sentences(question: Question) -> None:
    of_parts = [it.about for it in columns(question.columns)] + [it.about for it in question.params]
    for text in (question.about, *of_parts):
        assert not text[0].islower(), text
        assert text.endswith("."), text
    for rate in (it for it in columns(question.columns) if it.kind == "rate"):
        assert rate.formula, f"{rate.name} does not say what is divided by what"


@pytest.mark.parametrize("question", TOGETHER, ids=lambda it: it.name)
def test_a_question_uses_each_of_its_parameters_and_no_others(question: Question) -> None:
    used = set(NAMED.findall(question.sql)) - {"now"}
    assert used == parameter_types(question).keys() - question.instead.keys()


@pytest.mark.parametrize("question", TOGETHER, ids=lambda it: it.name)
def test_money_is_shown_with_a_currency_that_callers_may_choose(question: Question) -> None:
    if any(it.kind == "money" for it in question.columns):
        chosen = {it.name for it in question.filters} | {it.name for it in question.params}
        assert "currency" in chosen


def test_the_dictionary_has_every_question_with_its_facts_and_no_name_twice() -> None:
    entries = dictionary_of(QUESTIONS, FACTS).questions
    assert [it.name for it in entries] == [it.name for it in TOGETHER]
    assert len({it.name for it in entries}) == len(entries)
    conversion = next(it for it in entries if it.name == "conversion")
    assert "checkout.started" in conversion.facts
    rate = next(it for it in conversion.fields if it.name == "rate")
    assert (rate.formula, rate.nullable, rate.kind) == ("completed / checkouts", True, "rate")
