"""Draws the numbers of a batch, and puts them in the place of their placeholders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kernel.numbering import PLACEHOLDER, Draw, Series
from kernel.store.changes import LogRow

if TYPE_CHECKING:  # it draws numbers itself
    from kernel.store.writing import Connection


# failpoint: none needed (append)
async def draw_numbers(connection: Connection, draws: Sequence[Draw], rows: Sequence[LogRow]) -> list[LogRow]:
    """The rows with their numbers, which ascend from row to row. A placeholder that no row carries draws
    none. The log's lock must be held: of two transactions the one that is stored first has drawn first."""
    series_of = {it.placeholder.encode(): it.series for it in draws}
    carried = (it for row in rows for it in PLACEHOLDER.findall(row.body) if it in series_of)
    by_series: defaultdict[Series, list[bytes]] = defaultdict(list)
    for placeholder in dict.fromkeys(carried):
        by_series[series_of[placeholder]].append(placeholder)
    numbers: dict[bytes, bytes] = {}
    for series, placeholders in by_series.items():
        last = await connection.fetchval(series.statement, len(placeholders), *series.arguments)
        first = last - len(placeholders) + 1
        numbers |= {it: series.show(first + place).encode() for place, it in enumerate(placeholders)}
    return [_with_numbers(row, numbers) for row in rows]


def _with_numbers(row: LogRow, numbers: Mapping[bytes, bytes]) -> LogRow:
    """What only looks like a placeholder, in a text of a caller's, stays."""
    return row._replace(body=PLACEHOLDER.sub(lambda found: numbers.get(found[0], found[0]), row.body))
