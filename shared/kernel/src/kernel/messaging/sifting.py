"""Sort a batch before anybody handles it: repetitions out, gaps and the unreadable aside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID

from aiokafka import ConsumerRecord

from kernel.messaging.received import Received, Unreadable, read_envelope
from kernel.store.writing import Connection, columns

Record: TypeAlias = "ConsumerRecord[bytes | None, bytes | None]"

SEEN = "SELECT stream_id, version FROM consumer_seen WHERE grp = $1 AND stream_id = ANY($2)"
NOTE = """
    INSERT INTO consumer_seen AS s (grp, stream_id, version)
    SELECT $1, * FROM unnest($2::uuid[], $3::int[])
    ON CONFLICT (grp, stream_id) DO UPDATE SET version = excluded.version WHERE s.version < excluded.version
"""


@dataclass(slots=True)
class Parked:
    record: Record
    received: Received | None
    reason: str
    error: str


@dataclass(slots=True)
class Sifted:
    new: list[Received] = field(default_factory=list)
    """In order, each the next version of its stream."""
    parked: list[Parked] = field(default_factory=list)
    spoiled: dict[bytes, int] = field(default_factory=dict)
    """The offset of the first unreadable record of a key."""
    repeated: int = 0
    versions: dict[UUID, int] = field(default_factory=dict)
    """The last version of each stream after this batch."""

    def is_behind(self, it: Received) -> bool:
        """Whether an unreadable record of the same key came before it."""
        first = self.spoiled.get(it.record.key or b"")
        return first is not None and first < it.record.offset


async def sift(group: str, records: Sequence[Record], connection: Connection) -> Sifted:
    sifted = Sifted()
    readable = list(_readable(records, sifted))
    rows = await connection.fetch(SEEN, group, list({it.stream_id for it in readable}))
    seen = {row["stream_id"]: row["version"] for row in rows}
    for it in readable:
        last = seen.get(it.stream_id, 0)
        if it.version <= last:
            sifted.repeated += 1
        elif it.version > last + 1:
            error = f"version {it.version} came after {last}"
            sifted.parked.append(Parked(it.record, it, "gap", error))
        else:
            seen[it.stream_id] = sifted.versions[it.stream_id] = it.version
            sifted.new.append(it)
    return sifted


def _readable(records: Iterable[Record], sifted: Sifted) -> Iterable[Received]:
    for record in records:
        try:
            yield read_envelope(record)
        except Unreadable as error:
            sifted.parked.append(Parked(record, None, error.reason, str(error)))
            if record.key is not None:
                sifted.spoiled.setdefault(record.key, record.offset)


async def note_versions(group: str, sifted: Sifted, connection: Connection) -> None:
    if sifted.versions:
        await connection.execute(NOTE, group, *columns(sorted(sifted.versions.items())))
