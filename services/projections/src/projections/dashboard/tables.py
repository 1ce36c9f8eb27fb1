"""The answer of a question as a table with links that lead further. Lists and objects are tables in cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from projections.dashboard.figures import NUMBERS, label_of, written
from projections.questions.question import Column, Question

Row = Mapping[str, Any]
DAYS = frozenset({"from", "to", "range", "known"})
"""The parameters of a page that say of which days its figures are."""
IN_BRACES = re.compile(r"{(\w+)}")


@dataclass(frozen=True, slots=True)
class Head:
    label: str
    about: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class Cell:
    text: str = ""
    href: str = ""
    is_number: bool = False
    inner: Table | None = None


@dataclass(frozen=True, slots=True)
class Table:
    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Place:
    """The page that a table is on: a link to the same page keeps what it is asked with."""

    path: str
    asked: Mapping[str, str]


NOWHERE = Place("", {})


def table_of(question: Question, rows: Sequence[Row], place: Place = NOWHERE) -> Table:
    return _table(question.columns, rows, question.drill, place)


def _table(
    columns: Sequence[Column], rows: Sequence[Row], drill: Mapping[str, str], place: Place = NOWHERE
) -> Table:
    heads = [Head(label_of(it.name), about_of(it), it.kind in NUMBERS) for it in columns]
    return Table(heads, [[_cell(it, row, drill.get(it.name), place) for it in columns] for row in rows])


def about_of(column: Column) -> str:
    return f"{column.about} = {column.formula}" if column.formula else column.about


def _cell(column: Column, row: Row, target: str | None, place: Place) -> Cell:
    value = row[column.name]
    match column.kind, value:
        case "list", list():
            return Cell(inner=_table(column.fields, value, {}))
        case "object", dict():
            return Cell(inner=_table(column.fields, [value], {}))
    href = link_to(target, row, place) if target and value is not None else ""
    return Cell(written(column, value), href, column.kind in NUMBERS)


def link_to(target: str, row: Row, place: Place = NOWHERE) -> str:
    """``customers/{customer_id}`` with the values of the row, as an address of the dashboard."""
    days = {name: it for name, it in place.asked.items() if name in DAYS}
    address = "/" + IN_BRACES.sub(
        lambda it: urlencode(days) if it[1] == "days" else quote(str(row[it[1]]), safe=""), target
    ).removesuffix("&")
    path, _, query = address.partition("?")
    if path != place.path:
        return address
    narrowed = dict(parse_qsl(query))
    kept = {name: it for name, it in place.asked.items() if not (name == "range" and "from" in narrowed)}
    return f"{path}?{urlencode({**kept, **narrowed})}"
