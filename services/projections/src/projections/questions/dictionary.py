"""``GET /v1/analytics/dictionary``: what every figure means, from the same text as everywhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel

from contracts.roles import ANALYSTS
from kernel.http.auth import Caller
from kernel.http.descriptions import Word
from kernel.http.route_tables import Route, RouteTable
from projections.questions.question import Chart, Column, Param, Question

DICTIONARY_WORDS: Mapping[str, Word] = {
    "Dictionary": Word("What every figure means."),
    "questions": Word("The questions, in the order of the dashboard."),
    "QuestionEntry": Word("A question: what analysts can ask, and how."),
    "QuestionEntry.name": Word("The name in paths.", "conversion"),
    "QuestionEntry.title": Word("The title.", "Conversion"),
    "QuestionEntry.definition": Word("What is counted, on which day, and what is left out.", "Of each day."),
    "QuestionEntry.path": Word("Where it is answered.", "/v1/analytics/conversion"),
    "QuestionEntry.export": Word(
        "Where it is exported; null if it is not.", "/v1/analytics/conversion/export"
    ),
    "QuestionEntry.view": Word("Its SQL view; null if it has none.", "analytics.conversion"),
    "QuestionEntry.read_models": Word("What it is computed from; their lag is its lag.", ["conversion"]),
    "QuestionEntry.facts": Word("Types of the facts behind these.", ["checkout.started"]),
    "QuestionEntry.parameters": Word("What callers may give besides from, to and known."),
    "QuestionEntry.has_range": Word("Whether callers give a range of days, by from and to.", True),
    "QuestionEntry.has_known": Word("Whether callers may ask for what was known at the end of a day.", False),
    "QuestionEntry.fields": Word("The fields of a row."),
    "QuestionEntry.chart": Word("How the dashboard draws it."),
    "QuestionEntry.drill": Word("Field -> the question that its values lead to.", {}),
    "FieldEntry": Word("A field of a row."),
    "FieldEntry.name": Word("The name.", "rate"),
    "FieldEntry.kind": Word(
        "text, id, day, instant, integer, number, rate, boolean, money, figure, list or object.", "rate"
    ),
    "FieldEntry.definition": Word("What it means.", "Share of completed checkouts."),
    "FieldEntry.formula": Word(
        "How it is computed; null if the definition says so.", "completed / checkouts"
    ),
    "FieldEntry.unit": Word("Its unit; null without one.", None),
    "FieldEntry.nullable": Word("Whether it may be null.", True),
    "FieldEntry.is_filter": Word("Whether callers may ask for the rows with one value.", False),
    "FieldEntry.fields": Word("The fields of its objects, if it is a list or an object.", []),
    "ParameterEntry": Word("A parameter of a question."),
    "ParameterEntry.name": Word("The name.", "period"),
    "ParameterEntry.kind": Word("text, id, day, integer, number or boolean.", "text"),
    "ParameterEntry.definition": Word("What it means.", "The length of a period."),
    "ParameterEntry.choices": Word(
        "The values that it may have; empty if there are many.", ["week", "month"]
    ),
    "ParameterEntry.default": Word("Its value if it is not given.", "month"),
    "ChartEntry": Word("How the dashboard draws a question."),
    "ChartEntry.kind": Word("line, bar, heatmap, funnel, tiles or table.", "line"),
    "x": Word("The field along the axis; null without one.", "day"),
    "y": Word("The fields that are drawn.", ["revenue"]),
    "by": Word("The field whose values are series; null for the currency.", None),
}


class FieldEntry(BaseModel):
    name: str
    kind: str
    definition: str
    formula: str | None
    unit: str | None
    nullable: bool
    is_filter: bool
    fields: list[FieldEntry]


class ParameterEntry(BaseModel):
    name: str
    kind: str
    definition: str
    choices: list[str]
    default: str | int | float | bool | None


class ChartEntry(BaseModel):
    kind: str
    x: str | None
    y: list[str]
    by: str | None


class QuestionEntry(BaseModel):
    name: str
    title: str
    definition: str
    path: str
    export: str | None
    view: str | None
    read_models: list[str]
    facts: list[str]
    has_range: bool
    has_known: bool
    parameters: list[ParameterEntry]
    fields: list[FieldEntry]
    chart: ChartEntry
    drill: dict[str, str]


class Dictionary(BaseModel):
    questions: list[QuestionEntry]


def dictionary_of(questions: Iterable[Question], facts: Mapping[str, Sequence[str]]) -> Dictionary:
    """``facts``: read model -> the types of the facts that it is built from."""
    together = (it for question in questions for it in question.together)
    return Dictionary(questions=[_entry(it, facts) for it in together])


def table(questions: Iterable[Question], facts: Mapping[str, Sequence[str]]) -> RouteTable:
    shown = dictionary_of(questions, facts)

    async def get_dictionary(_caller: Caller) -> Dictionary:
        """Every question with its fields: definition, formula, unit, and what it is computed from."""
        return shown

    return RouteTable(
        "analytics", (Route("GET", "/v1/analytics/dictionary", get_dictionary, ANALYSTS, Dictionary),)
    )


def _entry(question: Question, facts: Mapping[str, Sequence[str]]) -> QuestionEntry:
    return QuestionEntry(
        name=question.name,
        title=question.title,
        definition=question.about,
        path=question.url,
        export=f"{question.url}/export" if question.exported else None,
        view=f"analytics.{question.identifier}" if question.has_view else None,
        read_models=list(question.models),
        facts=sorted({fact for it in question.models for fact in facts.get(it, ())}),
        has_range=question.ranged,
        has_known=question.known,
        parameters=[_parameter(it) for it in question.params if not it.is_setting],
        fields=[_field(it) for it in question.columns],
        chart=_chart(question.chart),
        drill=dict(question.drill),
    )


def _field(column: Column) -> FieldEntry:
    return FieldEntry(
        name=column.name,
        kind=column.kind,
        definition=column.about,
        formula=column.formula or None,
        unit="minor unit of the currency" if column.kind == "money" else column.unit or None,
        nullable=column.nullable,
        is_filter=column.filter,
        fields=[_field(it) for it in column.fields],
    )


def _parameter(param: Param) -> ParameterEntry:
    return ParameterEntry(
        name=param.name,
        kind=param.kind,
        definition=param.about,
        choices=list(param.one_of),
        default=param.default,
    )


def _chart(chart: Chart) -> ChartEntry:
    return ChartEntry(kind=chart.kind, x=chart.x or None, y=list(chart.y), by=chart.by or None)
