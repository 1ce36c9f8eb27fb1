"""Many past purchases as rows of a log: copies of real ones from a running stack."""

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
"""The copies are spread over so many days before the originals."""
ID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ALL_ROWS = f"SELECT {', '.join(LOG_COLUMNS)} FROM log ORDER BY position"  # noqa: S608  # our columns
LASTING = """
    SELECT DISTINCT stream_id FROM log WHERE split_part(type, '.', 1) IN ('product', 'stock', 'promotion')
"""


class Original(NamedTuple):
    """A row of the log, with its body split at the ids in it."""

    row: LogRow
    pieces: tuple[bytes, ...]
    ids: tuple[UUID | None, ...]
    """For each piece the id to be replaced in each copy; None if the piece stays as it is."""


class History:
    """All rows of one log, copied as a block: in their order, with purchases interleaved as they were."""

    def __init__(self, rows: Iterable[LogRow], lasting: frozenset[UUID]) -> None:
        """``lasting``: ids that stay the same in the copies; their own streams are left out."""
        self._lasting = lasting
        self._numbers = count(1)
        self._originals = [self._cut(it) for it in rows if it.stream_id not in lasting]

    def __len__(self) -> int:
        return len(self._originals)

    def copies(self, blocks: int) -> Iterator[list[LogRow]]:
        """So many copies of the whole block."""
        for number in islice(self._numbers, blocks):
            replacements = Replacements(number)
            yield [_copied(it, replacements) for it in self._originals]

    def _cut(self, row: LogRow) -> Original:
        pieces: list[bytes] = []
        ids: list[UUID | None] = []
        end = 0
        for found in ID.finditer(row.body):
            original_id = UUID(found[0].decode())
            pieces += (row.body[end : found.start()], found[0])
            ids += (None, None if original_id in self._lasting else original_id)
            end = found.end()
        return Original(row, (*pieces, row.body[end:]), (*ids, None))


class Replacements(dict[UUID, tuple[UUID, bytes]]):
    """Maps each id to another of the same kind, as UUID and as text; no two ids to the same one."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def __missing__(self, original_id: UUID) -> tuple[UUID, bytes]:
        replacement = UUID(int=original_id.int ^ self.number)
        self[original_id] = both = replacement, str(replacement).encode()
        return both


def _copied(original: Original, replacements: Replacements) -> LogRow:
    row = original.row
    parts = zip(original.pieces, original.ids, strict=True)
    return row._replace(
        stream_id=replacements[row.stream_id][0],
        key=replacements[row.key][0],
        message_id=replacements[row.message_id][0],
        body=b"".join(piece if id_ is None else replacements[id_][1] for piece, id_ in parts),
        recorded_at=row.recorded_at - timedelta(days=replacements.number % DAYS),
    )


async def lasting(offer_database: str) -> frozenset[UUID]:
    """The ids that purchases share: products, stocks and promotions."""
    connection = await asyncpg.connect(offer_database)
    try:
        return frozenset(row["stream_id"] for row in await connection.fetch(LASTING))
    finally:
        await connection.close()


async def history(database: str, stay: frozenset[UUID], *topics: str) -> History:
    """The rows for these topics, or for all topics if none is named."""
    connection = await asyncpg.connect(database)
    try:
        rows = await connection.fetch(ALL_ROWS)
    finally:
        await connection.close()
    return History((LogRow(*it) for it in rows if not topics or it["topic"] in topics), stay)
