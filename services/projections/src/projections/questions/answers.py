"""The answers of a question: the models that describe them, and how a row of the database is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, TypeAlias
from uuid import UUID

from pydantic import BaseModel, create_model

from kernel.http.descriptions import COMPOSED, Word, euros
from kernel.http.requests import Money
from projections.questions.question import Column, Kind, Param, Question

ShowRow: TypeAlias = "Callable[[Any], BaseModel]"
"""Of a record of the database."""
TYPES: Mapping[Kind, Any] = MappingProxyType(
    {
        "text": str,
        "id": UUID,
        "day": date,
        "instant": datetime,
        "integer": int,
        "number": float,
        "rate": float,
        "boolean": bool,
        "money": Money,
        "figure": float | Money,
    }
)


EXAMPLES: Mapping[Kind, Any] = MappingProxyType(
    {
        "text": "text",
        "id": "019a2b3c-4d5e-7f60-8a1b-2c3d4e5f6071",
        "day": "2026-03-01",
        "instant": "2026-03-01T12:00:00Z",
        "integer": 12,
        "number": 1.5,
        "rate": 0.75,
        "boolean": True,
        "money": euros(1999),
        "figure": euros(1999),
    }
)
"""For columns and parameters without an example of their own."""


def schema_of(question: Question) -> str:
    return question.schema or "".join(it.capitalize() for it in question.name.split("-"))


def model_of(question: Question) -> type[BaseModel]:
    return _model(schema_of(question), question.columns)


def _model(name: str, columns: Sequence[Column]) -> type[BaseModel]:
    fields: dict[str, Any] = {it.name: (_type(name, it), ...) for it in columns}
    return create_model(name, **fields)


def part_of(schema: str, column: Column) -> str:
    """The name of the model of a column's objects."""
    return column.schema or schema + "".join(it.capitalize() for it in column.name.split("_"))


def _type(schema: str, column: Column) -> Any:
    if column.fields:
        part = _model(part_of(schema, column), column.fields)
        kind: Any = list[part] if column.kind == "list" else part  # type: ignore[valid-type]
    else:
        kind = TYPES[column.kind]
    return kind | None if column.nullable else kind


def words_of(question: Question) -> dict[str, Word]:
    """The descriptions of the answer and its parts, and of the parameters."""
    words = {schema_of(question): Word(question.title), **_words(schema_of(question), question.columns)}
    operation = operation_of(question)
    words |= {f"{operation}.{it.name}": Word(it.about, example_of(it)) for it in question.params}
    return words


def words_of_all(questions: Iterable[Question]) -> dict[str, Word]:
    words: dict[str, Word] = {}
    for question in questions:
        for it in question.together:
            words |= words_of(it)
    return words


def example_of(it: Column | Param) -> Any:
    """Its example, or that of its kind."""
    default = it.default if isinstance(it, Param) else None
    return next(found for found in (it.example, default, EXAMPLES[it.kind]) if found is not None)


def operation_of(question: Question) -> str:
    return question.operation or f"get_{question.identifier}"


def _words(schema: str, columns: Sequence[Column]) -> dict[str, Word]:
    words: dict[str, Word] = {}
    for it in columns:
        words[f"{schema}.{it.name}"] = Word(it.about, COMPOSED if it.fields else example_of(it))
        if it.fields:
            part = part_of(schema, it)
            words |= {part: Word(it.about), **_words(part, it.fields)}
    return words


def shown_by(question: Question, model: type[BaseModel]) -> ShowRow:
    """``model``: that of the question."""
    return lambda row: model(**values_of_row(question, row))


def values_of_row(question: Question, row: Any) -> dict[str, Any]:
    """The values of all columns of a record, those that are derived included."""
    return values_of(question.columns, question.derive(row) if question.derive else row, None)


def values_of(columns: Sequence[Column], row: Any, currency: str | None) -> dict[str, Any]:
    """``row``: a record, or an object of jsonb. ``currency``: of the object around these
    columns, if they have none of their own."""
    currency = row["currency"] if any(it.name == "currency" for it in columns) else currency
    return {it.name: _value(it, row[it.name], currency) for it in columns}


def _value(column: Column, value: Any, currency: str | None) -> Any:
    match column.kind, value:
        case _, None:
            return None
        case "money", amount:
            return Money(amount=amount, currency=currency or "")
        case "figure", {"amount": amount, "currency": its}:
            return Money(amount=amount, currency=its)
        case "list", items:
            return [values_of(column.fields, it, currency) for it in items]
        case "object", members:
            return values_of(column.fields, members, currency)
        case _:
            return value
