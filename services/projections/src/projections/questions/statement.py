"""SQL statements of a question: named parameters become ``$n``, filters, paging and order go around it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from projections.questions.question import SQL_TYPES, Column, Question

NAMED = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
"""``:name``, but no cast ``::name``."""
OF_FIRST_PAGE = {"seen": "text", "since": "timestamptz"}
NOW = "feira_now()"
NO_LIMITS: Mapping[object, str] = {date.min: "-infinity", date.max: "infinity"}
"""As asyncpg writes these days, too."""
MAX_CHOICES = 100
"""Values that are suggested for a filter."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the values of its parameters and filters."""

    question: Question
    values: Mapping[str, object]
    """Of its parameters, the tenant's included."""
    filters: Mapping[str, object]
    """Column -> the value that its rows must have."""


@dataclass(slots=True)
class Arguments:
    """The values of a statement's ``$n``. The first is the tenant."""

    values: list[object] = field(default_factory=list)

    def add(self, value: object, kind: str) -> str:
        self.values.append(value)
        return f"${len(self.values)}::{kind}"

    @property
    def tenant(self) -> str:
        return "$1::text"

    @property
    def behind_tenant(self) -> list[object]:
        return self.values[1:]


def parameter_types(question: Question) -> dict[str, str]:
    """The SQL type of each parameter that the question has."""
    types = {"tenant": "text"}
    if question.ranged:
        types |= {"first": "date", "end": "date"}
    if question.known:
        types["known"] = "date"
    if question.as_of_first_page:
        types |= OF_FIRST_PAGE
    return types | {it.name: SQL_TYPES[it.kind] for it in question.params}


def with_values(sql: str, written: Mapping[str, str]) -> str:
    """The SQL with each named parameter written as ``written`` says. Raises ``ValueError`` for another."""

    def write(match: re.Match[str]) -> str:
        name = match[1]
        if name not in written:
            raise ValueError(f"The SQL has a parameter :{name} that the question does not have.")
        return written[name]

    return NAMED.sub(write, sql)


def page_of(asked: Asked, after: Sequence[object] | None, limit: int) -> tuple[str, list[object]]:
    """The statement of a page, and its arguments behind the tenant. ``after``: the values of the cursor,
    those that the question carries and then those of the order."""
    arguments = Arguments()
    carried = len(OF_FIRST_PAGE) if asked.question.as_of_first_page else 0
    first_page = (after or (None,) * carried)[:carried]
    rows = _rows(asked, dict(zip(OF_FIRST_PAGE, first_page, strict=False)), arguments)
    if after is not None:
        rows += f" AND {_behind(asked.question.keys, after[carried:], arguments)}"
    return f"{rows} {sorting(asked.question)} LIMIT {arguments.add(limit, 'bigint')}", arguments.behind_tenant


def all_of(asked: Asked, selected: Sequence[str] = ("*",)) -> tuple[str, list[object]]:
    """The statement of the whole answer, and its arguments behind the tenant. ``selected``: expressions
    over the question's columns."""
    arguments = Arguments()
    rows = _rows(asked, dict.fromkeys(OF_FIRST_PAGE), arguments, selected)
    return f"{rows} {sorting(asked.question)}", arguments.behind_tenant


def first_rows_and_choices_of(asked: Asked, limit: int, names: Sequence[str]) -> tuple[str, list[object]]:
    """The statement of the first rows and of the values to suggest for these columns, at most ``MAX_CHOICES``
    of each, and its arguments behind the tenant. Values of the answer itself need it whole; it is computed
    once for both. The values are in the first row, as ``NAME_choices``. Without a row there is one with the
    values alone; ``is_row`` says which rows are those of the answer."""
    arguments, of_question = Arguments(), asked.question.choices
    sql = _answer(asked, dict.fromkeys(OF_FIRST_PAGE), arguments)
    wanted, order = _wanted(asked, arguments), sorting(asked.question)
    choices = ", ".join(f"ARRAY({_choices(it, of_question, arguments)}) AS {it}_choices" for it in names)
    computed = "MATERIALIZED" if of_question is None else "NOT MATERIALIZED"
    text = f"""
        WITH answer AS {computed} ({sql}), first_rows AS (
            SELECT * FROM answer WHERE {wanted} {order} LIMIT {arguments.add(limit, "bigint")}
        )
        SELECT * FROM (
            SELECT answer.*, true AS is_row, row_number() OVER ({order}) AS place FROM first_rows AS answer
        ) AS answer FULL JOIN (SELECT 1::bigint AS place, {choices}) AS choices USING (place)
        ORDER BY place
    """  # noqa: S608  # values are arguments
    return text, arguments.behind_tenant


def _choices(name: str, of_question: Mapping[str, str] | None, arguments: Arguments) -> str:
    if of_question is None:
        values = f"SELECT {name} FROM answer"  # noqa: S608  # a column's name
    else:
        values = with_values(of_question[name], {"tenant": arguments.tenant})
    found = f"SELECT DISTINCT value::text FROM ({values}) AS found (value)"  # noqa: S608  # from code alone
    return f"{found} WHERE value IS NOT NULL ORDER BY 1 LIMIT {MAX_CHOICES}"


def erased_of(asked: Asked) -> tuple[str, list[object]]:
    """The statement that says whether the customer was erased, and its arguments behind the tenant."""
    question, arguments = asked.question, Arguments()
    types = parameter_types(question)
    written = {"tenant": arguments.add(asked.values["tenant"], types["tenant"])}
    for name in sorted(set(NAMED.findall(question.erased)) - written.keys()):
        written[name] = arguments.add(asked.values[name], types[name])
    return with_values(question.erased, written), arguments.behind_tenant


def _rows(
    asked: Asked,
    first_page: Mapping[str, object],
    arguments: Arguments,
    selected: Sequence[str] = ("*",),
) -> str:
    """The rows of the answer, unsorted. Ends with a condition, for more of them to follow."""
    sql = _answer(asked, first_page, arguments)
    return f"SELECT {', '.join(selected)} FROM ({sql}) AS answer WHERE {_wanted(asked, arguments)}"  # noqa: S608  # values are arguments


def _answer(asked: Asked, first_page: Mapping[str, object], arguments: Arguments) -> str:
    """The question's SQL, without its filters."""
    question, values = asked.question, {**asked.values, **first_page}
    used = set(NAMED.findall(question.sql))
    types = parameter_types(question)
    written = {"now": NOW, "tenant": arguments.add(values["tenant"], types["tenant"])}
    written |= {
        name: _constant(values[name], kind) or arguments.add(values[name], kind)
        for name, kind in types.items()
        if name in used and name not in written
    }
    return with_values(question.sql, written)


def _constant(value: object, kind: str) -> str:
    """What stands for no limit and for nothing given, as text of the statement: PostgreSQL plans a statement
    once for all values of its arguments, and expects that each limit leaves a third of the rows."""
    if value in NO_LIMITS:
        return f"'{NO_LIMITS[value]}'::{kind}"
    return f"NULL::{kind}" if value is None else ""


def _wanted(asked: Asked, arguments: Arguments) -> str:
    """The condition of the rows that have the values of the filters."""
    column = asked.question.column
    wanted = (
        f"{name} = {arguments.add(value, SQL_TYPES[column(name).kind])}"
        for name, value in asked.filters.items()
    )
    return " AND ".join(["true", *wanted])


def sorting(question: Question) -> str:
    if not question.keys:
        return ""
    keys = (
        f"answer.{it.name} {'DESC' if descending else 'ASC'} NULLS LAST" for it, descending in question.keys
    )
    return f"ORDER BY {', '.join(keys)}"


def _behind(keys: Sequence[tuple[Column, bool]], after: Sequence[object], arguments: Arguments) -> str:
    """The condition of the rows behind one, in an order with nulls last: behind in the first key, or equal in
    it and behind in the others."""
    if not keys:
        return "false"
    (column, descending), value = keys[0], after[0]
    if value is None:
        return f"({column.name} IS NULL AND {_behind(keys[1:], after[1:], arguments)})"
    limit = arguments.add(value, SQL_TYPES[column.kind])
    later = f"{column.name} {'<' if descending else '>'} {limit}"
    if column.nullable:
        later = f"({later} OR {column.name} IS NULL)"
    return f"({later} OR ({column.name} = {limit} AND {_behind(keys[1:], after[1:], arguments)}))"
