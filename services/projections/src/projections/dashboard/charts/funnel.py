"""Steps with the number that reached each, as a share of the first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from projections.dashboard.charts.axes import Write
from projections.dashboard.charts.bar import Bar
from projections.dashboard.charts.svg import WIDTH, element, picture, shortened, text

ROW, LABELS, VALUES = 30, 190, 120


def funnel(title: str, steps: Sequence[Bar], write: Write) -> Markup:
    height = ROW * max(1, len(steps)) + 8
    if not steps:
        return picture(
            title, [text("No data", WIDTH / 2, height / 2 + 4, text_anchor="middle")], height=height
        )
    return picture(title, _steps(steps, write), height=height)


def _steps(steps: Sequence[Bar], write: Write) -> Iterator[str]:
    widest = max((it.value or 0.0 for it in steps), default=0.0)
    first = steps[0].value
    room = WIDTH - LABELS - VALUES
    for number, it in enumerate(steps):
        y, value = number * ROW + 4, it.value or 0.0
        yield text(shortened(it.label), LABELS - 8, y + 17, text_anchor="end")
        width = max(0.0, value / widest * room) if widest else 0.0
        yield element("rect", x=LABELS, y=y, width=width, height=ROW - 8, class_="fill s0")
        share = f" ({value / first:.1%})" if first and number else ""
        yield text(f"{write(value)}{share}", LABELS + width + 8, y + 17)
