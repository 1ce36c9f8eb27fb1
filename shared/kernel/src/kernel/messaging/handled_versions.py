"""Streams of which a scope has handled less than its group has accepted, because a record was parked.

Any writer of a topic may use the next version of a stream for a record of its own. The group has accepted
that version then, and the following ones are in order; but if the record was parked, the scope has not
handled the version. Another record with the same version is no repeat for that scope, but an alternative.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from kernel.store.writing import Connection, columns

INSERT_BEHIND = """
    INSERT INTO consumer_behind (grp, stream_id, handled)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::int[]) ON CONFLICT DO NOTHING
"""
ADVANCE_HANDLED = """
    UPDATE consumer_behind b SET handled = v.handled
    FROM unnest($1::text[], $2::uuid[], $3::int[]) AS v (grp, stream_id, handled)
    WHERE b.grp = v.grp AND b.stream_id = v.stream_id AND b.handled < v.handled
"""
DELETE_CAUGHT_UP = """
    DELETE FROM consumer_behind b USING consumer_seen s
    WHERE b.grp = ANY($2) AND s.grp = $1 AND s.stream_id = b.stream_id AND b.handled >= s.version
      AND NOT EXISTS (SELECT FROM parked p WHERE p.resolved_at IS NULL AND p.grp = b.grp
                                             AND p.stream_id = b.stream_id)
"""
HANDLED_VERSION = "SELECT handled FROM consumer_behind WHERE grp = $1 AND stream_id = $2"
PARKED_MESSAGES = """
    SELECT grp, (SELECT it ->> 1 FROM jsonb_array_elements(headers) it WHERE it ->> 0 = 'ce_id') AS message_id
    FROM parked WHERE grp = ANY($1) AND stream_id = ANY($2)
"""

HandledVersions = Mapping[tuple[str, UUID], int]
"""Scope and stream -> last version handled."""


# failpoint: none needed (consumer-batch)
async def mark_behind(first_parked: HandledVersions, connection: Connection) -> None:
    """``first_parked``: the first version that was parked. A scope that is behind already stays where it
    is."""
    rows = sorted((*key, version - 1) for key, version in first_parked.items())
    await connection.execute(INSERT_BEHIND, *columns(rows))


# failpoint: none needed (consumer-batch)
async def mark_handled(handled: HandledVersions, connection: Connection) -> None:
    """Changes nothing for a scope that is not behind."""
    rows = sorted((*key, version) for key, version in handled.items())
    await connection.execute(ADVANCE_HANDLED, *columns(rows))


# failpoint: none needed (consumer-batch)
async def delete_caught_up(group: str, scopes: Collection[str], connection: Connection) -> None:
    """Delete the rows of streams of which a scope has handled all that its group has accepted, and of which
    it has no open dead letter."""
    await connection.execute(DELETE_CAUGHT_UP, group, list(scopes))


async def handled_version(scope: str, stream_id: UUID, connection: Connection) -> int | None:
    """None if the scope is not behind."""
    handled: int | None = await connection.fetchval(HANDLED_VERSION, scope, stream_id)
    return handled


async def parked_messages(
    scopes: Collection[str], streams: Collection[UUID], connection: Connection
) -> frozenset[tuple[str, str]]:
    """Scope and message id of every record of these streams that was ever parked: such a record that is
    delivered again is a repeat, not an alternative."""
    rows = await connection.fetch(PARKED_MESSAGES, list(scopes), list(streams))
    return frozenset((row["grp"], row["message_id"]) for row in rows)
