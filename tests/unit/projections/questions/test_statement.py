"""How the statement of a page is made of a question."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from projections.questions.question import Column, Param, Question
from projections.questions.statement import Asked, all_of, first_rows_and_choices_of, page_of

TOY = Question(
    name="toys",
    title="Toys",
    about="Toys by rate.",
    columns=(
        Column("name", "text", "The toy.", filter=True),
        Column("rate", "rate", "Its rate.", nullable=True),
        Column("currency", "text", "The currency.", filter=True),
    ),
    sql="SELECT name, rate::float8 AS rate, currency FROM toys"
    " WHERE tenant = :tenant AND kind = :kind AND day < :end",
    params=(Param("kind", "The kind.", default="wood"),),
    ranged=True,
    order=("rate DESC", "name"),
)
VALUES = {"tenant": "demo", "kind": "wood", "first": 1, "end": 2}


def test_named_parameters_become_numbered_ones_with_their_types_and_casts_stay() -> None:
    text, arguments = all_of(Asked(TOY, VALUES, {}))
    assert "tenant = $1::text AND kind = $3::text AND day < $2::date" in text
    assert "rate::float8" in text
    assert arguments == [2, "wood"]


def test_a_parameter_that_the_question_does_not_have_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=":known"):
        all_of(Asked(replace(TOY, sql=f"{TOY.sql} AND known <= :known"), VALUES, {}))


def test_values_of_filters_are_arguments_and_never_text() -> None:
    text, arguments = all_of(Asked(TOY, VALUES, {"currency": "'; DROP TABLE toys"}))
    assert "currency = $4::text" in text
    assert "DROP" not in text
    assert arguments[-1] == "'; DROP TABLE toys"


def test_a_page_goes_on_behind_the_last_row_in_mixed_directions_with_nulls_last() -> None:
    text, arguments = page_of(Asked(TOY, VALUES, {}), (0.5, "top"), 51)
    assert "((rate < $4::float8 OR rate IS NULL) OR (rate = $4::float8 AND (name > $5::text" in text
    assert "ORDER BY answer.rate DESC NULLS LAST, answer.name ASC NULLS LAST LIMIT $6::bigint" in text
    assert arguments[2:] == [0.5, "top", 51]


def test_a_page_goes_on_among_the_nulls() -> None:
    text, arguments = page_of(Asked(TOY, VALUES, {}), (None, "top"), 51)
    assert "(rate IS NULL AND (name > $4::text" in text
    assert arguments[2:] == ["top", 51]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"sql": "SELECT 1"}, "does not use :tenant"),
        ({"order": ()}, "needs an order"),
        ({"order": ("price",)}, "price: no such column"),
        ({"drill": {"price": "toys"}}, "price: no such column"),
        ({"choices": {"rate": "SELECT 1"}}, "rate: choices of no filter"),
        (
            {"columns": (Column("cost", "money", "What it costs."),), "order": ("cost",)},
            "needs the column currency",
        ),
    ],
)
def test_a_question_that_contradicts_itself_is_refused(change: dict[str, object], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        replace(TOY, **change)  # type: ignore[arg-type]  # rows of a table


def test_choices_are_those_of_the_whole_answer_and_rows_those_of_the_filter() -> None:
    text, arguments = first_rows_and_choices_of(Asked(TOY, VALUES, {"currency": "EUR"}), 101, ["name"])
    assert "FROM answer WHERE true AND currency = $4::text ORDER BY" in text
    assert "SELECT DISTINCT value::text FROM (SELECT name FROM answer) AS found (value)" in text
    assert "answer AS MATERIALIZED" in text
    assert text.count("FROM toys") == 1
    assert arguments == [2, "wood", "EUR", 101]


def test_a_question_with_choices_of_its_own_is_not_computed_whole_for_them() -> None:
    kinds = "SELECT kind FROM kinds WHERE tenant = :tenant"
    asked = Asked(replace(TOY, choices={"name": kinds}), VALUES, {})
    text, arguments = first_rows_and_choices_of(asked, 101, ["name"])
    assert "answer AS NOT MATERIALIZED" in text
    assert "(SELECT kind FROM kinds WHERE tenant = $1::text) AS found (value)" in text
    assert arguments == [2, "wood", 101]


def test_no_limit_and_nothing_given_stand_in_the_statement_so_that_it_is_planned_for_them() -> None:
    text, arguments = all_of(Asked(TOY, {**VALUES, "kind": None, "end": date.max}, {}))
    assert "kind = NULL::text AND day < 'infinity'::date" in text
    assert arguments == []
