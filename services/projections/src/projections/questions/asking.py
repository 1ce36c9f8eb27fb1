"""What callers ask a question with: the parameters of its routes, and their values for its SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from inspect import Parameter, Signature
from types import MappingProxyType
from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import Field

from kernel.http.auth import Caller
from kernel.http.problems import invalid
from kernel.http.requests import Id, Instant, Int64, PathId
from projections.models.ranges import Day, InRange, Known
from projections.questions.question import Column, Kind, Param, Question
from projections.questions.statement import Asked

MAX_TEXT = 200
StorableText = Annotated[str, Field(max_length=MAX_TEXT, pattern=r"^[^\x00]*$")]
"""PostgreSQL stores no NUL, and refuses to compare with one."""
TYPES: Mapping[Kind, Any] = MappingProxyType(
    {
        "text": StorableText,
        "id": Id,
        "day": Day,
        "instant": Instant,
        "integer": Int64,
        "number": float,
        "rate": float,
        "boolean": bool,
        "money": Int64,
    }
)
"""Of values in a query. Those of jsonb are not asked for."""


def signature_of(questions: Iterable[Question], more: Mapping[str, tuple[Any, Any]]) -> Signature:
    """Of a handler that answers one of these questions; ``more`` are parameters of its own, each with
    its type and default."""
    found: dict[str, tuple[Any, Any]] = {"caller": (Caller, Parameter.empty)}
    found |= more
    for question in questions:
        if question.ranged:
            found["days"] = InRange, Parameter.empty
        if question.known:
            found["known"] = Known, None
        for param in question.params:
            if not param.is_setting:
                found[param.name] = _in_path(param) if param.name in question.in_path else _in_query(param)
        for column in question.filters:
            found.setdefault(column.name, _filter(column))
    return Signature(
        [
            Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind, default=default)
            for name, (kind, default) in found.items()
        ]
    )


def asked_by(question: Question, given: Mapping[str, Any], settings: Mapping[str, object]) -> Asked:
    """``given``: the arguments of a handler with that signature; ``settings``: the values of parameters that
    are settings. Raises a ``Problem`` for a parameter that has no effect together with the others."""
    chosen = next((other for name, other in question.instead.items() if given[name]), question)
    values: dict[str, object] = {"tenant": given["caller"].tenant}
    if chosen.ranged:
        values |= {"first": given["days"].first, "end": given["days"].end}
    if chosen.known:
        values["known"] = given["known"] or date.max
    values |= {it.name: settings[it.name] if it.is_setting else given[it.name] for it in chosen.params}
    filters = {it.name: given[it.name] for it in chosen.filters if given[it.name] is not None}
    effective = _names(chosen) | set(question.instead)
    for name in set().union(*(_names(it) for it in question.together)) - effective:
        if _is_given(question, name, given):
            raise invalid("This parameter has no effect together with the others.", f"/{name}", "query")
    return Asked(chosen, values, filters)


def _names(question: Question) -> set[str]:
    """Of the arguments that the question's answer depends on."""
    names = {it.name for it in question.params} | {it.name for it in question.filters}
    return names | {name for name, has in (("days", question.ranged), ("known", question.known)) if has}


def _is_given(question: Question, name: str, given: Mapping[str, Any]) -> bool:
    if name == "days":
        return (given[name].first, given[name].end) != (date.min, date.max)
    defaults = {it.name: it.default for other in question.together for it in other.params}
    return name in given and given[name] != defaults.get(name)


def _in_path(param: Param) -> tuple[Any, Any]:
    kind = PathId if param.kind == "id" else Annotated[StorableText, Path()]
    return kind, Parameter.empty


def _in_query(param: Param) -> tuple[Any, Any]:
    kind: Any = Literal[param.one_of] if param.one_of else TYPES[param.kind]
    if param.default is None:
        kind |= None
    about = Query(description=param.about, ge=param.minimum, le=param.maximum)
    return Annotated[kind, about], param.default


def _filter(column: Column) -> tuple[Any, Any]:
    about = Query(description=f"Only the rows with this value. {column.about}")
    return Annotated[TYPES[column.kind] | None, about], None
