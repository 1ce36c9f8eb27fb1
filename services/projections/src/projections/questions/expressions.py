"""SQL expressions that several questions need. Their operands are names of columns, or expressions."""

from __future__ import annotations


def share(part: str, whole: str) -> str:
    """``part / whole``; null if ``whole`` is 0."""
    return f"({part})::float8 / nullif(({whole})::float8, 0)"


def average(amount: str, count: str) -> str:
    """``amount / count`` in whole minor units, rounded half up; null if ``count`` is 0 or less. ``div``
    truncates, so negative sums are lowered first."""
    twice, dividend = f"2 * ({count})::numeric", f"2 * ({amount})::numeric + ({count})"
    lowered = f"CASE WHEN {dividend} < 0 THEN {twice} - 1 ELSE 0 END"
    return f"CASE WHEN ({count}) > 0 THEN div({dividend} - {lowered}, {twice})::bigint END"
