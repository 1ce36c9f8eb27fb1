"""How the values of a question are written for people, and which number a chart draws for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kernel.http.requests import Money
from pricing.money import exponent, show
from projections.questions.question import Column

NOTHING = "—"
NUMBERS = frozenset({"integer", "number", "rate", "money", "figure"})
"""The kinds whose values are written flush right."""
THOUSAND, MILLION = 1e3, 1e6


def label_of(name: str) -> str:
    return name.replace("_", " ").capitalize()


def written(column: Column, value: Any) -> str:
    """One value of the column; lists and objects are tables of their own."""
    match column.kind, value:
        case _, None:
            return NOTHING
        case _, Money(amount=amount, currency=currency):
            return show(amount, currency, "en_US")
        case _, bool():
            return "yes" if value else "no"
        case _, datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case "rate", _:
            return f"{value:.1%}"
        case "integer", _:
            return f"{value:,}"
        case (("number" | "figure"), _):
            return f"{value:,.4g}"
        case _:
            return str(value)


def number_of(value: Any) -> float | None:
    """What a chart draws: money in its major unit. None for what is no number."""
    match value:
        case Money(amount=amount, currency=currency):
            return float(amount / 10 ** exponent(currency))
        case bool():
            return None
        case int() | float():
            return float(value)
        case _:
            return None


def compact(value: float) -> str:
    """On an axis: 1.5M, 20k, 0.25."""
    if abs(value) >= MILLION:
        return f"{value / MILLION:g}M"
    return f"{value / THOUSAND:g}k" if abs(value) >= 10 * THOUSAND else f"{value:g}"


def percent(value: float) -> str:
    return f"{value * 100:.3g} %"
