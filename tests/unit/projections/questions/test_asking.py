"""The values of a question's parameters, and what has no effect."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kernel.http.auth import Principal
from kernel.http.problems import Problem
from projections.models.ranges import Range
from projections.questions.asking import asked_by, signature_of
from projections.questions.question import Column, Param, Question

AT_RISK = Question(
    name="at-risk",
    title="At risk",
    about="Customers at risk.",
    columns=(Column("customer_id", "text", "The customer."),),
    sql="SELECT customer_id FROM risk WHERE tenant = :tenant",
    order=("customer_id",),
)
CHURN = Question(
    name="churn",
    title="Churn",
    about="Churn by period.",
    columns=(Column("period", "day", "The period."), Column("segment", "text", "The segment.", filter=True)),
    sql="SELECT period, segment FROM churn WHERE tenant = :tenant AND day < :end AND known <= :known",
    params=(Param("at_risk", "Customers instead of periods.", kind="boolean", default=False),),
    ranged=True,
    known=True,
    order=("period", "segment"),
    instead={"at_risk": AT_RISK},
)
NOTHING: dict[str, Any] = {"at_risk": False, "segment": None, "known": None, "days": Range()}


def given(**values: Any) -> dict[str, Any]:
    return {"caller": Principal("demo", "analyst", "an analyst"), **NOTHING, **values}


def test_the_signature_has_every_parameter_of_the_question_and_of_those_instead_of_it() -> None:
    assert set(signature_of(CHURN.together, {}).parameters) == {"caller", *NOTHING}


def test_everything_is_known_by_default() -> None:
    assert asked_by(CHURN, given(), {}).values["known"] == date.max
    assert asked_by(CHURN, given(known=date(2026, 3, 1)), {}).values["known"] == date(2026, 3, 1)


def test_a_boolean_parameter_chooses_the_question_instead() -> None:
    asked = asked_by(CHURN, given(at_risk=True), {})
    assert (asked.question, dict(asked.values)) == (AT_RISK, {"tenant": "demo"})


@pytest.mark.parametrize(
    ("name", "value"),
    [("segment", "champion"), ("known", date(2026, 3, 1)), ("days", Range("2026-01-01", "2026-01-31"))],
)
def test_a_parameter_that_the_question_instead_does_not_have_is_refused(name: str, value: object) -> None:
    with pytest.raises(Problem) as refused:
        asked_by(CHURN, given(at_risk=True, **{name: value}), {})
    assert refused.value.code == "INVALID_REQUEST"
    asked_by(CHURN, given(**{name: value}), {})
