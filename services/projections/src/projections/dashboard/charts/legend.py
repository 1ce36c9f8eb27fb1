"""The names of series, each in the colour of its line or bar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from projections.dashboard.charts.svg import HEIGHT, LEFT, WIDTH, element, shortened, text

MAX_NAMES = 8


def legend(names: Iterable[str]) -> Iterator[str]:
    """Nothing for one series without a name."""
    shown = list(names)[:MAX_NAMES]
    if shown in ([], [""]):
        return
    width = (WIDTH - LEFT) / len(shown)
    for number, name in enumerate(shown):
        x = LEFT + number * width
        yield element("rect", x=x, y=HEIGHT - 10, width=10, height=8, class_=f"fill s{number}")
        yield text(shortened(name, max(4, int(width / 8))), x + 14, HEIGHT - 2)
