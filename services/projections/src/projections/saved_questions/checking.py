"""Whether a saved question can be asked: its question exists, and takes these parameters with these values.

Parameters are kept as the texts of a page's address, and are read here as a request for that page would be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from inspect import Parameter
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from kernel.http.auth import Principal
from kernel.http.problems import Problem, invalid
from projections.dashboard.answering import Asking, signature_for
from projections.dashboard.drawing import drawn_as
from projections.models.ranges import Range
from projections.questions.question import Question

DATES = frozenset({"from", "to"})


class Fault(NamedTuple):
    """``parameter``: empty if the question itself does not exist."""

    parameter: str
    detail: str


@dataclass(frozen=True, slots=True)
class Checker:
    questions: Mapping[str, Question]
    asking: Asking

    def faults(
        self, question: str, parameters: Mapping[str, str], caller: Principal, today: date
    ) -> Sequence[Fault]:
        """None of them if the question can be asked so."""
        found = self.questions.get(question)
        if found is None:
            return [Fault("", f"There is no question {question}.")]
        try:
            given = arguments_of(found, parameters)
            asked, _, _ = self.asking.ranges(found, caller, given, today)
            drawn_as(asked.question, given.get("chart"))
        except Problem as problem:
            pointer = problem.errors[0]["pointer"] if problem.errors else ""
            return [Fault(pointer.rpartition("/")[2], str(problem.detail))]
        return []

    def check(self, question: str, parameters: Mapping[str, str], caller: Principal, today: date) -> None:
        """Raises a ``Problem``."""
        for it in self.faults(question, parameters, caller, today):
            raise invalid(it.detail, f"/parameters/{it.parameter}" if it.parameter else "/question")


def arguments_of(question: Question, parameters: Mapping[str, str]) -> Mapping[str, Any]:
    """Of a handler with ``signature_for``. Raises a ``Problem``."""
    declared = {it.name: it for it in signature_for(question).parameters.values() if it.name != "request"}
    if "days" in declared and "range" in parameters and DATES & parameters.keys():
        raise invalid("A relative range has no dates beside it.", "/range")
    given: dict[str, Any] = {}
    for name, parameter in declared.items():
        if name == "days":
            given[name] = Range(parameters.get("from"), parameters.get("to"))
        elif name in parameters:
            given[name] = _value(parameter, parameters[name])
        elif parameter.default is Parameter.empty:
            raise invalid("The question needs this parameter.", f"/{name}")
        else:
            given[name] = parameter.default
    known = declared.keys() | (DATES if "days" in declared else frozenset())
    for name in sorted(parameters.keys() - (known - {"days"})):
        raise invalid("The question has no such parameter.", f"/{name}")
    return given


def _value(parameter: Parameter, text: str) -> Any:
    try:
        return TypeAdapter(parameter.annotation).validate_python(text)
    except ValidationError as wrong:
        raise invalid(str(wrong.errors()[0]["msg"]), f"/{parameter.name}") from None
