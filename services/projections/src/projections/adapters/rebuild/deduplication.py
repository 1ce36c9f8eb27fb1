"""Sort what runs read as the live consumer would: repetitions out, gaps noted, the rest in order.

Most records are of types that no read model knows; of those only the key, the type and the version are
looked at. All of this is done once for all runs that read together; then each takes its share.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from contracts.topics import MESSAGES
from kernel.messaging.received import Received, Unreadable, read_envelope
from kernel.messaging.sifting import Record
from projections.adapters.rebuild.errors import RunFailed
from projections.adapters.rebuild.skipped_records import FactId, SkippedRecords, message_id, place

NUMBER = re.compile(rb"[1-9]\d{0,8}")
"""Versions as the relay writes them."""


class RecordHead(NamedTuple):
    record: Record
    fact: FactId
    received: Received | None
    """Where a read model knows the type."""


class InvalidRecord(NamedTuple):
    record: Record
    error: Unreadable


@dataclass(slots=True)
class Classified:
    """What is next of its stream, and what is not; what came before its turn must come again."""

    next: list[RecordHead] = field(default_factory=list)
    repeated: list[tuple[int, RecordHead]] = field(default_factory=list)
    """With a version that came before; each with how many of the next ones come before it."""
    gaps: list[RecordHead] = field(default_factory=list)
    versions: dict[UUID, int] = field(default_factory=dict)
    """The last version of each stream, where it is another than before."""
    unreadable: Sequence[InvalidRecord] = ()


@dataclass(slots=True)
class RunShare:
    """What one run makes of it."""

    new: list[Received] = field(default_factory=list)
    left_out: list[RecordHead] = field(default_factory=list)
    left_out_gaps: list[RecordHead] = field(default_factory=list)
    """Of these it may be that they come again in their turn."""
    gaps: list[FactId] = field(default_factory=list)
    unreadable: int = 0


@dataclass(slots=True)
class SeenSkipped:
    """Of the facts of which a record was set aside, what one run has read so far."""

    facts: set[FactId] = field(default_factory=set)
    """Those that were taken, from another record."""
    messages: set[tuple[FactId, str | None]] = field(default_factory=set)

    def is_first(self, it: RecordHead) -> bool:
        message = it.fact, message_id(it.record)
        is_first = message not in self.messages
        self.messages.add(message)
        return is_first


def read_heads(
    records: Iterable[Record], types: Collection[bytes]
) -> tuple[list[RecordHead], list[InvalidRecord]]:
    """And the records that cannot be read."""
    heads: list[RecordHead] = []
    wrong: list[InvalidRecord] = []
    streams: dict[bytes, UUID] = {}
    for record in records:
        try:
            heads.append(_head(record, types, streams))
        except Unreadable as error:
            wrong.append(InvalidRecord(record, error))
    return heads, wrong


def _head(record: Record, types: Collection[bytes], streams: dict[bytes, UUID]) -> RecordHead:
    """``streams``: ids that were read from keys already."""
    kind = version = None
    for name, value in record.headers:
        if name == "ce_type":
            kind = value
        elif name == "ce_version":
            version = value
    if kind and kind not in types and version and NUMBER.fullmatch(version) and record.key:
        try:
            stream_id = streams.get(record.key) or UUID(record.key.decode())
        except ValueError:
            pass  # the whole envelope is read below, which says what is wrong with it
        else:
            streams[record.key] = stream_id
            return RecordHead(record, (stream_id, int(version)), None)
    received = read_envelope(record, MESSAGES)
    return RecordHead(record, (received.stream_id, received.version), received if kind in types else None)


def classify(
    heads: Iterable[RecordHead], seen: Mapping[UUID, int], unreadable: Sequence[InvalidRecord] = ()
) -> Classified:
    """``seen``: the last version of each stream in what was read before."""
    found = Classified(unreadable=unreadable)
    versions = found.versions
    for it in heads:
        stream_id, version = it.fact
        last = versions.get(stream_id) or seen.get(stream_id, 0)
        if version == last + 1:
            versions[stream_id] = version
            found.next.append(it)
        elif version > last:
            found.gaps.append(it)
        else:
            found.repeated.append((len(found.next), it))
    return found


def share_of(found: Classified, types: Collection[str], aside: SkippedRecords, met: SeenSkipped) -> RunShare:
    """For a run of a read model that knows these types. Raises ``RunFailed`` for what nobody has put aside
    and cannot be read, and for what is put aside and stands in the way."""
    share = RunShare(unreadable=len(found.unreadable))
    for record, error in found.unreadable:
        if not aside.skips_unreadable(record):
            raise RunFailed(f"{place(record)} cannot be read: {error.reason}, {error}") from error
    follow, gaps = found.next, found.gaps
    if aside.facts:
        follow = _once(
            _without(_with_rivals(found, aside, met), types, aside, share.left_out), aside, met.facts
        )
        gaps = _without(gaps, types, aside, share.left_out_gaps)
    share.gaps += (it.fact for it in gaps)
    share.new += (it.received for it in follow if it.received and it.received.type in types)
    return share


def _with_rivals(found: Classified, aside: SkippedRecords, met: SeenSkipped) -> list[RecordHead]:
    """What repeats a version of which a record was set aside may be the one that was handled in its place."""
    together = list(found.next)
    for before, it in reversed(found.repeated):
        if it.fact in aside.facts:
            together.insert(before, it)
    return [it for it in together if it.fact not in aside.facts or met.is_first(it)]


def _once(heads: Sequence[RecordHead], aside: SkippedRecords, taken: set[FactId]) -> list[RecordHead]:
    kept: list[RecordHead] = []
    for it in heads:
        if it.fact not in aside.facts:
            kept.append(it)
        elif it.fact not in taken:
            taken.add(it.fact)
            kept.append(it)
    return kept


def _without(
    heads: Sequence[RecordHead], types: Collection[str], aside: SkippedRecords, left_out: list[RecordHead]
) -> list[RecordHead]:
    others: list[RecordHead] = []
    for it in heads:
        if not aside.skips(it.fact, it.record):
            others.append(it)
        elif it.received and it.received.type in types:
            left_out.append(it)
        else:
            left_out.append(it._replace(received=None))
    return others
