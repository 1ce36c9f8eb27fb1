"""Values over days, one line for each series."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from html import escape
from typing import NamedTuple

from markupsafe import Markup

from projections.dashboard.charts.axes import Write, vertical
from projections.dashboard.charts.legend import legend
from projections.dashboard.charts.scale import Scale
from projections.dashboard.charts.svg import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    WIDTH,
    element,
    linked,
    picture,
    text,
)

MAX_DATES = 6
MAX_MARKS = 62
"""Points of a line that are drawn as marks with links; more of them would hide it."""


class Point(NamedTuple):
    day: date
    value: float | None
    """None interrupts the line: there is nothing to divide by, which is not 0."""
    href: str = ""
    """Where it leads; nowhere if empty."""


def line_chart(title: str, series: Mapping[str, Sequence[Point]], write: Write) -> Markup:
    """``series``: name -> its points in the order of days."""
    points = [it for found in series.values() for it in found]
    values = [it.value for it in points if it.value is not None]
    scale, axis = vertical(values, write)
    days = sorted({it.day for it in points})
    if not days:
        return picture(title, [*axis, text("No data", WIDTH / 2, HEIGHT / 2, text_anchor="middle")])
    across = Scale(days[0].toordinal(), days[-1].toordinal(), LEFT, WIDTH - RIGHT)
    lines = [
        part for number, found in enumerate(series.values()) for part in _line(found, across, scale, number)
    ]
    marks = [
        part
        for number, (name, found) in enumerate(series.items())
        if len(found) <= MAX_MARKS
        for part in _marks(name, found, across, scale, number, write)
    ]
    return picture(title, [*axis, *_dates(days, across), *lines, *marks, *legend(series)])


def _marks(
    name: str, points: Sequence[Point], across: Scale, scale: Scale, number: int, write: Write
) -> Iterator[str]:
    for it in points:
        if it.href and it.value is not None:
            says = f"{name} {it.day}: {write(it.value)}".strip()
            x, y = across.at(it.day.toordinal()), scale.at(it.value)
            dot = element(
                "circle", element("title", escape(says)), cx=x, cy=y, r=4, class_=f"mark s{number % 8}"
            )
            yield linked(dot, it.href, says)


def _line(points: Sequence[Point], across: Scale, scale: Scale, number: int) -> Iterator[str]:
    for run in _runs(points):
        placed = [(across.at(it.day.toordinal()), scale.at(it.value or 0.0)) for it in run]
        if len(placed) == 1:
            ((x, y),) = placed
            yield element("circle", cx=x, cy=y, r=3, class_=f"dot s{number % 8}")
        else:
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
            yield element("polyline", points=path, class_=f"line s{number % 8}")


def _runs(points: Sequence[Point]) -> Iterator[list[Point]]:
    """The points between those without a value."""
    run: list[Point] = []
    for point in points:
        if point.value is not None:
            run.append(point)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _dates(days: Sequence[date], across: Scale) -> Iterator[str]:
    step = max(1, -(-len(days) // MAX_DATES))
    for day in days[::step]:
        x = across.at(day.toordinal())
        anchor = "start" if x < LEFT + 30 else "end" if x > WIDTH - RIGHT - 30 else "middle"
        yield text(day.isoformat(), x, HEIGHT - BOTTOM + 16, text_anchor=anchor)
