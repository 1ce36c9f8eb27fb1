"""Records that the live read model has not applied: they are parked, or an operator has discarded them."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal, TypeAlias
from uuid import UUID

from kernel.messaging.sifting import Record
from kernel.store.writing import Connection
from projections.adapters.rebuild.errors import RunFailed
from projections.read_models.model import ReadModel

Kind: TypeAlias = Literal["rebuild", "verify"]
FactId: TypeAlias = "tuple[UUID, int]"

READ = """
    SELECT topic, part, record_offset, record_key, sha256(body) AS digest, stream_id, version,
           (SELECT it ->> 1 FROM jsonb_array_elements(headers) it WHERE it ->> 0 = 'ce_id') AS message_id,
           resolved_at IS NULL AS waits, grp = $1 AS for_all
    FROM parked WHERE (grp = $1 OR grp = $2) AND (resolved_at IS NULL OR resolution LIKE 'discarded%')
"""


@dataclass(frozen=True, slots=True)
class SkippedRecords:
    """Each as ``True`` where it may be left out, ``False`` where it stands in the way."""

    facts: dict[FactId, dict[str | None, bool]] = field(default_factory=dict)
    """By the id of the message: another one with the same version is another fact."""
    places: dict[tuple[str, int, int, bytes | None, bytes | None], bool] = field(default_factory=dict)
    """Offsets begin anew with a new broker: the key and the body tell whether it is the same record."""

    def skips(self, fact: FactId, record: Record) -> bool:
        messages = self.facts.get(fact)
        return messages is not None and self._judged(messages.get(message_id(record)), record)

    def skips_unreadable(self, record: Record) -> bool:
        digest = None if record.value is None else sha256(record.value).digest()
        where = record.topic, record.partition, record.offset, record.key, digest
        return self._judged(self.places.get(where), record)

    @staticmethod
    def _judged(may_be_left_out: bool | None, record: Record) -> bool:
        if may_be_left_out is False:
            raise RunFailed(f"{place(record)} is parked for all read models: retry or discard it first.")
        return may_be_left_out is True


def message_id(record: Record) -> str | None:
    return next((value.decode() for name, value in record.headers if name == "ce_id" and value), None)


def place(record: Record) -> str:
    return f"The record at {record.topic}/{record.partition}, offset {record.offset},"


async def load_skipped_records(
    model: ReadModel[Any, Any], group: str, kind: Kind, connection: Connection
) -> SkippedRecords:
    """A verification leaves out all that the live read model has left out. A rebuild leaves out what was
    discarded, and tries what is parked for this read model: the code may have learned to take it."""
    aside = SkippedRecords()
    for row in await connection.fetch(READ, group, model.scope):
        if kind == "rebuild" and row["waits"] and not row["for_all"]:
            continue
        may = kind == "verify" or not row["waits"]
        if row["stream_id"] is not None:
            fact = row["stream_id"], row["version"]
            aside.facts.setdefault(fact, {})[row["message_id"]] = may
        where = row["topic"], row["part"], row["record_offset"], row["record_key"], row["digest"]
        aside.places[where] = may
    return aside
