"""The vertical axis that lines and bars have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from projections.dashboard.charts.scale import Scale, lines_of
from projections.dashboard.charts.svg import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, element, text

Write: TypeAlias = Callable[[float], str]
"""How a value of the axis is written."""


def vertical(values: Iterable[float], write: Write) -> tuple[Scale, Iterator[str]]:
    """The scale of the values, and its lines with their values."""
    lines = lines_of(values)
    scale = Scale(lines[0], lines[-1], HEIGHT - BOTTOM, TOP)

    def drawn() -> Iterator[str]:
        for value in lines:
            y = scale.at(value)
            kind = "zero" if value == 0 else "grid"
            yield element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_=kind)
            yield text(write(value), LEFT - 6, y + 4, text_anchor="end")

    return scale, drawn()
