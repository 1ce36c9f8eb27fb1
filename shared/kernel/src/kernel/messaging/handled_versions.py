"""Streams of which a reader has handled less than has gone by, because something of them was put aside.

Whoever may write to a topic may take the next version of a stream for a record of their own. The group has
seen that version then, and whatever comes behind it is in its turn; but if the record was parked, the reader
has not handled the version. Another record with it is no repetition for that reader.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from kernel.store.writing import Connection, columns

FALL_BEHIND = """
    INSERT INTO consumer_behind (grp, stream_id, handled)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::int[]) ON CONFLICT DO NOTHING
"""
CATCH_UP = """
    UPDATE consumer_behind b SET handled = v.handled
    FROM unnest($1::text[], $2::uuid[], $3::int[]) AS v (grp, stream_id, handled)
    WHERE b.grp = v.grp AND b.stream_id = v.stream_id AND b.handled < v.handled
"""
FORGET = """
    DELETE FROM consumer_behind b USING consumer_seen s
    WHERE b.grp = ANY($2) AND s.grp = $1 AND s.stream_id = b.stream_id AND b.handled >= s.version
      AND NOT EXISTS (SELECT FROM parked p WHERE p.resolved_at IS NULL AND p.grp = b.grp
                                             AND p.stream_id = b.stream_id)
"""
HANDLED = "SELECT handled FROM consumer_behind WHERE grp = $1 AND stream_id = $2"
MET = """
    SELECT grp, (SELECT it ->> 1 FROM jsonb_array_elements(headers) it WHERE it ->> 0 = 'ce_id') AS message_id
    FROM parked WHERE grp = ANY($1) AND stream_id = ANY($2)
"""

Handled = Mapping[tuple[str, UUID], int]
"""By reader and stream, the last version."""


# failpoint: none needed (consumer-batch)
async def skip_version(first_aside: Handled, connection: Connection) -> None:
    """``first_aside``: the first version that was put aside; a reader that is behind already stays there."""
    rows = sorted((*it, version - 1) for it, version in first_aside.items())
    await connection.execute(FALL_BEHIND, *columns(rows))


# failpoint: none needed (consumer-batch)
async def mark_handled(handled: Handled, connection: Connection) -> None:
    """Changes nothing for a reader that is not behind."""
    rows = sorted((*it, version) for it, version in handled.items())
    await connection.execute(CATCH_UP, *columns(rows))


# failpoint: none needed (consumer-batch)
async def forget_caught_up(group: str, readers: Collection[str], connection: Connection) -> None:
    """Those that have handled all that their group has seen, and for whom nothing waits any more."""
    await connection.execute(FORGET, group, list(readers))


async def handled_of(reader: str, stream_id: UUID, connection: Connection) -> int | None:
    """None where it is not behind."""
    found: int | None = await connection.fetchval(HANDLED, reader, stream_id)
    return found


async def met(
    readers: Collection[str], streams: Collection[UUID], connection: Connection
) -> frozenset[tuple[str, str]]:
    """Reader and message's id of what was ever put aside of these streams: no other one if it comes again."""
    rows = await connection.fetch(MET, list(readers), list(streams))
    return frozenset((row["grp"], row["message_id"]) for row in rows)
