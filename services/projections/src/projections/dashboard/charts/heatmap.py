"""Rows by columns: the darker a cell, the greater its value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from markupsafe import Markup

from projections.dashboard.charts.axes import Write
from projections.dashboard.charts.svg import WIDTH, element, linked, picture, shortened, text

Cells: TypeAlias = "Mapping[tuple[str, str], float | None]"
SHADES = 5
ROW, LABELS, HEAD = 22, 110, 22
MAX_ROWS, MAX_COLUMNS = 36, 18


NO_LINKS: Mapping[str, str] = MappingProxyType({})


def heatmap(
    title: str,
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Cells,
    write: Write,
    links: Mapping[str, str] = NO_LINKS,
) -> Markup:
    """``cells``: (row, column) -> value. A cell that is missing or without a value stays empty.
    ``links``: row -> where its name leads."""
    rows, columns = rows[:MAX_ROWS], columns[:MAX_COLUMNS]
    height = HEAD + ROW * max(1, len(rows)) + 4
    if not rows or not columns:
        return picture(
            title, [text("No data", WIDTH / 2, height / 2 + 4, text_anchor="middle")], height=height
        )
    width = (WIDTH - LABELS) / len(columns)
    heads = [
        text(shortened(it, max(2, int(width / 7))), LABELS + width * (number + 0.5), 15, text_anchor="middle")
        for number, it in enumerate(columns)
    ]
    return picture(title, [*heads, *_rows(rows, columns, cells, width, write, links)], height=height)


def _rows(
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Cells,
    width: float,
    write: Write,
    links: Mapping[str, str],
) -> Iterator[str]:
    values = [it for it in cells.values() if it is not None]
    low, high = min(values, default=0.0), max(values, default=0.0)
    for row_number, row in enumerate(rows):
        y = HEAD + row_number * ROW
        name = text(shortened(row, 15), LABELS - 6, y + 15, text_anchor="end")
        yield linked(name, links.get(row, ""), row)
        for number, column in enumerate(columns):
            value = cells.get((row, column))
            if value is None:
                continue
            x, shade = LABELS + number * width, shade_of(value, low, high)
            yield element(
                "rect", x=x + 0.5, y=y + 0.5, width=width - 1, height=ROW - 1, class_=f"shade{shade}"
            )
            yield text(write(value), x + width / 2, y + 15, text_anchor="middle", class_=f"on{shade}")


def shade_of(value: float, low: float, high: float) -> int:
    """From 0 to 4. Equal values all have the lightest."""
    return min(SHADES - 1, int((value - low) / (high - low) * SHADES)) if high > low else 0
