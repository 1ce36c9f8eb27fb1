"""Records of rows that were logged after the logs were copied: looked up again, so that none looks
foreign."""

from __future__ import annotations

from collections.abc import Mapping

from cli.database import connected
from verify.dataset.consistent_reads import PAGE
from verify.dataset.dataset import Dataset

UNKNOWN = """
    SELECT topic, part, off, stream_id, version, message_id FROM record r
    WHERE kind <> 'unreadable' AND NOT came_later
      AND NOT EXISTS (SELECT 1 FROM log l WHERE l.stream_id = r.stream_id AND l.version = r.version)
    ORDER BY topic, part, off
"""
ASK = """
    SELECT l.stream_id::text, l.version, l.message_id::text FROM log l
    JOIN unnest($1::uuid[], $2::int[]) AS v (stream_id, version)
      ON l.stream_id = v.stream_id AND l.version = v.version
    WHERE l.position > $3
"""
MARK = "UPDATE record SET came_later = 1 WHERE topic = ? AND part = ? AND off = ?"


async def mark_late_records(
    databases: Mapping[str, str], ends: Mapping[str, int], into: Dataset, page: int = PAGE
) -> None:
    """Mark records whose log row lies after the copied end of its log. ``ends``: last copied position by
    service."""
    unknown = into.sql.execute(UNKNOWN).fetchall()
    for service, end in ends.items():
        async with connected(service, databases[service]) as connection:
            for first in range(0, len(unknown), page):
                some = unknown[first : first + page]
                pairs = [it["stream_id"] for it in some], [it["version"] for it in some]
                known = {tuple(row) for row in await connection.fetch(ASK, *pairs, end)}
                into.sql.executemany(
                    MARK,
                    [it[:3] for it in some if (it["stream_id"], it["version"], it["message_id"]) in known],
                )
