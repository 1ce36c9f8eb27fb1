"""Many purchases of the past as a log holds them: real ones of a running stack, again and again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import count, islice
from typing import NamedTuple
from uuid import UUID

import asyncpg

from kernel.store.changes import LOG_COLUMNS, LogRow

DAYS = 30
"""The copies lie on so many days before the originals."""
ID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ALL = f"SELECT {', '.join(LOG_COLUMNS)} FROM log ORDER BY position"  # noqa: S608  # our columns
LASTING = """
    SELECT DISTINCT stream_id FROM log WHERE split_part(type, '.', 1) IN ('product', 'stock', 'promotion')
"""


class Original(NamedTuple):
    """A row of the log, and its body cut where ids stand in it."""

    row: LogRow
    pieces: tuple[bytes, ...]
    ids: tuple[UUID | None, ...]
    """For each piece the id that is another one in each copy; None where it stays as it is."""


class History:
    """All rows of one log, copied as one block: in their order, purchases interleaved as they were."""

    def __init__(self, rows: Iterable[LogRow], lasting: frozenset[UUID]) -> None:
        """``lasting``: ids that stay what they are; what happened to them is left out."""
        self._lasting = lasting
        self._numbers = count(1)
        self._originals = [self._cut(it) for it in rows if it.stream_id not in lasting]

    def __len__(self) -> int:
        return len(self._originals)

    def copies(self, blocks: int) -> Iterator[list[LogRow]]:
        """So many more of the whole."""
        for number in islice(self._numbers, blocks):
            others = Others(number)
            yield [_copied(it, others) for it in self._originals]

    def _cut(self, row: LogRow) -> Original:
        pieces: list[bytes] = []
        ids: list[UUID | None] = []
        end = 0
        for found in ID.finditer(row.body):
            one = UUID(found[0].decode())
            pieces += (row.body[end : found.start()], found[0])
            ids += (None, None if one in self._lasting else one)
            end = found.end()
        return Original(row, (*pieces, row.body[end:]), (*ids, None))


class Others(dict[UUID, tuple[UUID, bytes]]):
    """For each id another of the same kind, and as text; never that of any other id."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def __missing__(self, one: UUID) -> tuple[UUID, bytes]:
        other = UUID(int=one.int ^ self.number)
        self[one] = both = other, str(other).encode()
        return both


def _copied(it: Original, others: Others) -> LogRow:
    row = it.row
    parts = zip(it.pieces, it.ids, strict=True)
    return row._replace(
        stream_id=others[row.stream_id][0],
        key=others[row.key][0],
        message_id=others[row.message_id][0],
        body=b"".join(piece if one is None else others[one][1] for piece, one in parts),
        recorded_at=row.recorded_at - timedelta(days=others.number % DAYS),
    )


async def lasting(offer_database: str) -> frozenset[UUID]:
    """What purchases have in common: goods, their stocks and promotions."""
    connection = await asyncpg.connect(offer_database)
    try:
        return frozenset(row["stream_id"] for row in await connection.fetch(LASTING))
    finally:
        await connection.close()


async def history(database: str, stay: frozenset[UUID], *topics: str) -> History:
    """What has gone to these topics; to all of them, if none is named."""
    connection = await asyncpg.connect(database)
    try:
        rows = await connection.fetch(ALL)
    finally:
        await connection.close()
    return History((LogRow(*it) for it in rows if not topics or it["topic"] in topics), stay)
