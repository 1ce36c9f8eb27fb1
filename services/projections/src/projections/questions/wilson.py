"""How far the true rate may be from an observed one: the 95 % interval by Wilson's score, in columns and SQL.

It holds for few observations, too, and never leaves 0 to 1; a rate of 0 of 20 may still be one of 16 %.
"""

from __future__ import annotations

from pricing.significance import Z_95
from projections.questions.question import Column

FORMULA = "(k + z²/2 {sign} z × √(k × (n - k) / n + z²/4)) / (n + z²), k of n, z = 1.96"


def interval_columns(rate: str, low: float, high: float) -> tuple[Column, Column]:
    """The columns behind ``rate``. ``low``, ``high``: examples."""
    return (
        _column(f"{rate}_low", f"lower end of the interval that holds the true {rate}", low, "-"),
        _column(f"{rate}_high", f"upper end of the interval that holds the true {rate}", high, "+"),
    )


def _column(name: str, what: str, example: float, sign: str) -> Column:
    return Column(
        name,
        "rate",
        f"The {what} at 95 %, by Wilson's score; null where the rate is.",
        example,
        nullable=True,
        formula=FORMULA.format(sign=sign),
    )


def interval(part: str, whole: str, rate: str) -> str:
    """SQL: the two columns. ``part``, ``whole``: expressions of counts."""
    return f"{_end(part, whole, '-')} AS {rate}_low, {_end(part, whole, '+')} AS {rate}_high"


def _end(part: str, whole: str, sign: str) -> str:
    k, n, z = f"({part})::float8", f"({whole})::float8", f"{Z_95!r}::float8"
    half = f"{z} * sqrt({k} * ({n} - {k}) / {n} + {z} * {z} / 4)"
    end = f"({k} + {z} * {z} / 2 {sign} {half}) / ({n} + {z} * {z})"
    return (
        f"CASE WHEN ({whole}) > 0 AND ({part}) BETWEEN 0 AND ({whole}) THEN greatest(0, least(1, {end})) END"
    )
