"""Values of things: a bar for each, below the zero line if negative."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from markupsafe import Markup

from projections.dashboard.charts.axes import Write, vertical
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
    shortened,
    text,
)

MAX_BARS = 24
"""More could not be distinguished; the table has all rows."""
GAP = 0.25
"""Of the width that a bar has."""


class Bar(NamedTuple):
    label: str
    value: float | None
    href: str = ""
    """Where it leads; nowhere if empty."""


def bar_chart(title: str, bars: Sequence[Bar], write: Write) -> Markup:
    """The first ones, in their order."""
    shown = bars[:MAX_BARS]
    scale, axis = vertical([it.value for it in shown if it.value is not None], write)
    if not shown:
        return picture(title, [*axis, text("No data", WIDTH / 2, HEIGHT / 2, text_anchor="middle")])
    return picture(title, [*axis, *_bars(shown, scale, write)])


def _bars(bars: Sequence[Bar], scale: Scale, write: Write) -> Iterator[str]:
    width = (WIDTH - LEFT - RIGHT) / len(bars)
    for number, it in enumerate(bars):
        x = LEFT + number * width
        label = shortened(it.label, max(2, int(width / 7)))
        yield text(label, x + width / 2, HEIGHT - BOTTOM + 16, text_anchor="middle")
        if it.value is None:
            continue
        ends = sorted((scale.at(it.value), scale.at(0.0)))
        name = f"{it.label}: {write(it.value)}"
        drawn = element(
            "rect",
            element("title", escape(name)),
            x=x + width * GAP / 2,
            y=ends[0],
            width=width * (1 - GAP),
            height=ends[1] - ends[0],
            class_="fill s0",
        )
        yield linked(drawn, it.href, name)
