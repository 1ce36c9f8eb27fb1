"""The columns of a question in files and views, where a value is no object: money becomes its minor units and
its decimal amount, beside the currency.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from pricing.money import currencies, exponent
from projections.questions.question import SQL_TYPES, Column, Kind, Question

USUAL_EXPONENT = 2
FILE_TYPES: Mapping[Kind, str] = MappingProxyType(
    {
        "text": "VARCHAR",
        "id": "UUID",
        "day": "DATE",
        "instant": "TIMESTAMPTZ",
        "integer": "BIGINT",
        "number": "DOUBLE",
        "rate": "DOUBLE",
        "boolean": "BOOLEAN",
        "money": "BIGINT",
        "list": "VARCHAR",
        "object": "VARCHAR",
    }
)
"""Of the columns of Parquet files; those of ``figure`` are in ``_of_figure``."""
DECIMAL = "DECIMAL(38, 4)"
NOT_MINOR = "The same in the major unit, with the decimals of the currency."


@dataclass(frozen=True, slots=True)
class FlatColumn:
    name: str
    sql: str
    """Its value, as an expression over the question's columns."""
    sql_type: str
    file_type: str
    about: str
    is_text: bool = False
    """Whether it may hold any text."""


def flat_columns(question: Question) -> list[FlatColumn]:
    return [flat for column in question.columns for flat in _flat(column)]


def _flat(column: Column) -> Iterator[FlatColumn]:
    name, kind = column.name, column.kind
    about = f"{column.about} {column.formula and f'Formula: {column.formula}.'}".strip()
    if kind == "figure":
        yield from _of_figure(name, about)
        return
    if kind == "money":
        about = f"{about} In minor units of the currency."
    elif column.unit:
        about = f"{about} In {column.unit}."
    yield FlatColumn(name, name, SQL_TYPES[kind], FILE_TYPES[kind], about, is_text=kind == "text")
    if kind == "money":
        yield _decimal(name, name, "currency")


def _of_figure(name: str, about: str) -> Iterator[FlatColumn]:
    amount = f"(CASE jsonb_typeof({name}) WHEN 'object' THEN {name}->>'amount' END)::bigint"
    number = f"(CASE jsonb_typeof({name}) WHEN 'number' THEN {name}::float8 END)"
    currency = f"(CASE jsonb_typeof({name}) WHEN 'object' THEN {name}->>'currency' END)"
    yield FlatColumn(
        name, f"coalesce({number}, {amount}::float8)", "float8", "DOUBLE", f"{about} Of money, minor units."
    )
    yield _decimal(name, amount, currency)
    yield FlatColumn(f"{name}_currency", currency, "text", "VARCHAR", "Null if it is no amount of money.")


def _decimal(name: str, amount: str, currency: str) -> FlatColumn:
    return FlatColumn(f"{name}_decimal", decimal(amount, currency), "numeric", DECIMAL, NOT_MINOR)


def decimal(amount: str, currency: str) -> str:
    """The SQL of an amount in the major unit: 12 of JPY, 0.12 of USD, 0.012 of BHD."""
    units = (
        f"WHEN {currency} IN ({', '.join(codes)}) THEN {unit_of(exponent)}"
        for exponent, codes in unusual_currencies().items()
    )
    return f"(({amount})::numeric * CASE {' '.join(units)} ELSE {unit_of(USUAL_EXPONENT)} END)"


def unit_of(exponent: int) -> str:
    """The minor unit in major units, with as many decimals: 1, 0.1, 0.01."""
    return f"{10**-exponent:.{exponent}f}"


@cache
def unusual_currencies() -> Mapping[int, tuple[str, ...]]:
    """Exponent -> the currencies with it, as SQL texts."""
    found: dict[int, list[str]] = {}
    for code in sorted(currencies()):
        if exponent(code) != USUAL_EXPONENT:
            found.setdefault(exponent(code), []).append(f"'{code}'")
    return {number: tuple(codes) for number, codes in sorted(found.items())}
