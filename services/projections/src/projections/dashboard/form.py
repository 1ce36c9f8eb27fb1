"""The form with which a page is asked for other days, filters and parameters. It sends a GET, so that the
address of a page holds everything that was asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import get_args

from projections.dashboard.comparing import DAY, Days
from projections.dashboard.drawing import kinds_of
from projections.dashboard.figures import label_of
from projections.dashboard.relative_ranges import RelativeRange
from projections.questions.question import Column, Param, Question

TYPES = {"day": "date", "integer": "number", "number": "number"}
"""Of inputs, by the kind of the parameter; others are texts."""
NO_CHOICES: Mapping[str, Sequence[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    label: str
    about: str
    value: str
    type: str = "text"
    options: Sequence[tuple[str, str]] = field(default=())
    """Values and their texts; none for an input."""
    suggested: Sequence[str] = ()
    """Values of an input, which takes others as well."""


def fields_of(
    question: Question,
    given: Mapping[str, str],
    days: Days | None,
    choices: Mapping[str, Sequence[str]] = NO_CHOICES,
) -> Iterator[Field]:
    """``given``: the parameters of the address; ``days``: the range that is shown, if there is one;
    ``choices``: values that filters may have, to be suggested."""
    if days is not None:
        relative = given.get("range", "")
        yield Field(
            "range",
            "Days",
            "A range that moves with the time, of days in UTC; the dates count if there is none.",
            relative,
            options=(("", "as dated"), *((it, label_of(it)) for it in get_args(RelativeRange))),
        )
        dates = {} if relative else given
        yield Field("from", "From", "The first day in UTC.", dates.get("from", str(days.first)), "date")
        yield Field("to", "To", "The last day in UTC.", dates.get("to", str(days.end - DAY)), "date")
        yield Field(
            "compare",
            "Compare with",
            "An earlier range of the same length.",
            given.get("compare", ""),
            options=(("", "nothing"), ("previous", "the days before"), ("year", "the year before")),
        )
    if question.known:
        yield Field(
            "known", "As known on", "Facts recorded later are left out.", given.get("known", ""), "date"
        )
    for it in question.params:
        if not it.is_setting and it.name not in question.in_path:
            yield _of_param(it, given)
    yield from (_of_filter(it, given, choices.get(it.name, ())) for it in question.filters)
    if len(kinds := kinds_of(question)) > 1:
        yield Field(
            "chart",
            "Drawn as",
            "How the figures are drawn; the table is below in any case.",
            given.get("chart", kinds[0]),
            options=tuple((it, label_of(it)) for it in kinds),
        )


def _of_param(it: Param, given: Mapping[str, str]) -> Field:
    options = it.one_of
    if it.kind == "boolean":
        options = ("false", "true")
    default = (
        "" if it.default is None else str(it.default).lower() if it.kind == "boolean" else str(it.default)
    )
    chosen = [(option, label_of(option)) for option in options]
    if options and it.default is None:
        chosen = [("", "any"), *chosen]
    return Field(
        it.name, label_of(it.name), it.about, given.get(it.name, default), TYPES.get(it.kind, "text"), chosen
    )


def _of_filter(it: Column, given: Mapping[str, str], choices: Sequence[str]) -> Field:
    return Field(
        it.name,
        label_of(it.name),
        f"Only: {it.about}",
        given.get(it.name, ""),
        TYPES.get(it.kind, "text"),
        suggested=choices,
    )
