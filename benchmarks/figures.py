"""One measured figure with the value it is compared with, as text and as data."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

SIGNS: Mapping[str, Callable[[float, float], bool]] = {">=": operator.ge, "<=": operator.le, "<": operator.lt}


@dataclass(frozen=True)
class Goal:
    """What the figure, or its ratio to the value beside it, should reach."""

    sign: str
    bound: float
    of_ratio: bool = False

    def __str__(self) -> str:
        return f"{self.sign} {self.bound:,g}{' x' if self.of_ratio else ''}"


@dataclass(frozen=True)
class Figure:
    name: str
    value: float
    unit: str = "/s"
    beside: str | None = None
    """The peer or limit that was measured in the same run."""
    beside_value: float | None = None
    """In the same unit."""
    goal: Goal | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.beside_value if self.beside_value else None

    @property
    def reached(self) -> bool | None:
        if self.goal is None:
            return None
        measured = self.ratio if self.goal.of_ratio else self.value
        return measured is not None and SIGNS[self.goal.sign](measured, self.goal.bound)

    def as_line(self) -> str:
        line = f"{self.name:48} {_number(self.value):>10} {self.unit:10}"
        if self.beside_value is not None:
            line += f"{self.ratio:8.2f} x {self.beside}, {_number(self.beside_value)} {self.unit}"
        if self.goal is not None:
            line += f"  [{'reached' if self.reached else 'NOT REACHED'}: {self.goal}]"
        return line

    def as_row(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "beside": self.beside,
            "beside_value": self.beside_value,
            "ratio": self.ratio,
            "goal": None if self.goal is None else str(self.goal),
            "reached": self.reached,
        }


def percentile(values: Sequence[float], hundredth: int) -> float:
    """By linear interpolation; a single value is its own percentile."""
    return values[0] if len(values) == 1 else quantiles(values, n=100, method="inclusive")[hundredth - 1]


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"
