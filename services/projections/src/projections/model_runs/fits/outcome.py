"""What a fit gives: figures of the run, and rows for the table of its results."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple


class TooFew(Exception):
    """The shop has too little behind it for this model. The text says what it lacks."""


class CustomerValue(NamedTuple):
    customer_id: str
    p_alive: float
    probability_90d: float
    expected_orders_90d: float
    value_12m: int | None


class CustomerSegment(NamedTuple):
    customer_id: str
    r: int
    f: int
    m: int
    segment: str


class ForecastPoint(NamedTuple):
    name: str
    period: date
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    trained_from: date
    trained_to: date
    parameters: dict[str, Any]
    results: list[CustomerValue] | list[CustomerSegment] | list[ForecastPoint]
    log_likelihood: float | None = None
    errors: dict[str, Any] | None = None
