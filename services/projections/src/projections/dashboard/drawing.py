"""The charts of a question's answer, as its ``chart`` says: nothing else is known about a question here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Literal, TypeAlias

from markupsafe import Markup

from kernel.http.problems import invalid
from projections.dashboard.charts.axes import Write
from projections.dashboard.charts.bar import Bar, bar_chart
from projections.dashboard.charts.funnel import funnel
from projections.dashboard.charts.heatmap import heatmap
from projections.dashboard.charts.line import Point, line_chart
from projections.dashboard.figures import compact, label_of, number_of, percent, written
from projections.dashboard.tables import NOWHERE, Place, Row, link_to
from projections.questions.question import Column, Question

CURRENCY = "currency"
BEFORE = "before"
UNITS = frozenset({"money", "figure"})
"""Kinds whose values are comparable within one currency only."""

ChartKind: TypeAlias = Literal["line", "bar", "heatmap", "funnel", "tiles", "table"]


def kinds_of(question: Question) -> tuple[ChartKind, ...]:
    """How the answer may be drawn; its own chart comes first."""
    own = question.chart.kind
    return tuple(dict.fromkeys((own, *(("bar",) if own in {"line", "funnel"} else ()), "table")))


def drawn_as(question: Question, kind: ChartKind | None) -> Question:
    """Raises a ``Problem`` for a chart that the question does not have."""
    if kind is None or kind == question.chart.kind:
        return question
    if kind not in kinds_of(question):
        raise invalid(f"It is drawn as {' or '.join(kinds_of(question))}.", "/chart", "query")
    return replace(question, chart=replace(question.chart, kind=kind))


def charts_of(
    question: Question,
    rows: Sequence[Row],
    before: Sequence[Row] = (),
    later: timedelta = timedelta(),
    place: Place = NOWHERE,
) -> list[Markup]:
    """``before``: the answer for an earlier range, drawn ``later`` by so much; its marks lead nowhere."""
    chart = question.chart
    is_line = chart.kind == "line" and question.column(chart.x).kind == "day"
    if is_line:
        return list(_lines(question, rows, before, later, place))
    match chart.kind:
        case "line" | "bar" | "funnel" | "heatmap":
            return list(_one_by_one(question, rows, place))
        case _:
            return []


def _lines(
    question: Question, rows: Sequence[Row], before: Sequence[Row], later: timedelta, place: Place
) -> Iterator[Markup]:
    for kind in dict.fromkeys(question.column(it).kind for it in question.chart.y):
        columns = [it for it in map(question.column, question.chart.y) if it.kind == kind]
        for currency in _currencies(question, kind, [*rows, *before]):
            series: dict[str, list[Point]] = {}
            for of_rows, suffix, shift in ((rows, "", timedelta()), (before, BEFORE, later)):
                for row in of_rows:
                    if currency in {"", row.get(CURRENCY)}:
                        for column in columns:
                            name = _series(question, row, columns, column, currency, suffix)
                            href = "" if suffix else _mark(question, row, place)
                            point = Point(row[question.chart.x] + shift, number_of(row[column.name]), href)
                            series.setdefault(name, []).append(point)
            ordered = {name: sorted(points, key=_day) for name, points in series.items()}
            yield line_chart(_title(question, columns, currency), ordered, _write(columns[0]))


def _series(
    question: Question, row: Row, columns: Sequence[Column], column: Column, currency: str, suffix: str
) -> str:
    by = question.chart.by or (CURRENCY if CURRENCY in row else "")
    parts = [str(row[by])] if by and not (by == CURRENCY and currency) else []
    parts += [label_of(column.name)] if len(columns) > 1 else []
    return " ".join([*parts, suffix] if suffix else parts)


def _day(point: Point) -> date:
    return point.day


def _mark(question: Question, row: Row, place: Place) -> str:
    """Where the mark of a row leads: as the cell does from which its chart takes the links."""
    target = question.drill.get(question.chart.mark or question.chart.x)
    return link_to(target, row, place) if target else ""


def _one_by_one(question: Question, rows: Sequence[Row], place: Place) -> Iterator[Markup]:
    """A chart for each column that is drawn."""
    for column in map(question.column, question.chart.y):
        for currency in _currencies(question, column.kind, rows):
            found = [it for it in rows if currency in {"", it.get(CURRENCY)}]
            title = _title(question, [column], currency)
            if question.chart.kind == "heatmap":
                yield _heatmap(question, column, found, title, place)
            else:
                draw = funnel if question.chart.kind == "funnel" else bar_chart
                bars = [
                    Bar(
                        _label(question, it, currency),
                        number_of(it[column.name]),
                        _mark(question, it, place),
                    )
                    for it in found
                ]
                yield draw(title, bars, _write(column))


def _heatmap(question: Question, column: Column, rows: Sequence[Row], title: str, place: Place) -> Markup:
    x, y = question.column(question.chart.x), question.column(question.chart.by)
    cells = {(written(y, it[y.name]), written(x, it[x.name])): number_of(it[column.name]) for it in rows}
    across = dict.fromkeys(it[x.name] for it in sorted(rows, key=lambda it: _sortable(it[x.name])))
    down = {written(y, it[y.name]): _mark(question, it, place) for it in rows}
    return heatmap(title, list(down), [written(x, it) for it in across], cells, _write(column), down)


def _sortable(value: Any) -> tuple[bool, Any]:
    return value is None, value


def _label(question: Question, row: Row, currency: str) -> str:
    by = question.chart.by or (CURRENCY if CURRENCY in row and not currency else "")
    x = written(question.column(question.chart.x), row[question.chart.x])
    return f"{x} {row[by]}" if by and by != question.chart.x else x


def _currencies(question: Question, kind: str, rows: Sequence[Row]) -> Sequence[str]:
    """One chart for each; "" stands for a chart of all rows."""
    has_currency = any(it.name == CURRENCY for it in question.columns)
    apart = kind in UNITS or question.chart.kind == "heatmap"
    if not (has_currency and apart):
        return [""]
    return sorted({it[CURRENCY] for it in rows if it[CURRENCY]}) or [""]


def _title(question: Question, columns: Sequence[Column], currency: str) -> str:
    names = ", ".join(label_of(it.name) for it in columns)
    return f"{question.title}: {names}{currency and f' in {currency}'}"


def _write(column: Column) -> Write:
    return percent if column.kind == "rate" else compact
