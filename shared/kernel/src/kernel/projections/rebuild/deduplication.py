"""Deduplication for runs, with the live consumer's result: repeats dropped, gaps noted, the rest in order.

Most records are of types that no read model handles; of those only key, type and version are read. Records
are classified once for all runs that read together; ``share_of`` then selects what one run applies.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from contracts.registry import MessageRegistry
from kernel.messaging.deduplication import Record
from kernel.messaging.inbound import InboundMessage, InvalidMessage, read_envelope
from kernel.projections.rebuild.errors import RunFailed
from kernel.projections.rebuild.skipped_records import FactId, SkippedRecords, describe, message_id

VERSION = re.compile(rb"[1-9]\d{0,8}")
"""As the relay writes it."""


class RecordHead(NamedTuple):
    record: Record
    fact: FactId
    received: InboundMessage | None
    """The parsed message, if a read model handles its type."""


class InvalidRecord(NamedTuple):
    record: Record
    error: InvalidMessage


@dataclass(slots=True)
class Classified:
    """Records by their place in their stream."""

    next: list[RecordHead] = field(default_factory=list)
    """Each the next version of its stream, in order."""
    repeated: list[tuple[int, RecordHead]] = field(default_factory=list)
    """Records with a version that was read before; each with the number of ``next`` records before it."""
    gaps: list[RecordHead] = field(default_factory=list)
    """Records ahead of their stream; they must come again after their predecessors."""
    versions: dict[UUID, int] = field(default_factory=dict)
    """The new last version of each stream that advanced."""
    unreadable: Sequence[InvalidRecord] = ()


@dataclass(slots=True)
class RunShare:
    """What one run does with the classified records."""

    new: list[InboundMessage] = field(default_factory=list)
    """To be applied."""
    skipped: list[RecordHead] = field(default_factory=list)
    skipped_gaps: list[RecordHead] = field(default_factory=list)
    """Skipped records ahead of their stream, which may come again after their predecessors."""
    gaps: list[FactId] = field(default_factory=list)
    unreadable: int = 0


@dataclass(slots=True)
class SeenSkipped:
    """What one run has read so far of those facts of which any record is to be skipped."""

    facts: set[FactId] = field(default_factory=set)
    """Facts that were taken from another record."""
    messages: set[tuple[FactId, str | None]] = field(default_factory=set)

    def is_first(self, head: RecordHead) -> bool:
        message = head.fact, message_id(head.record)
        is_first = message not in self.messages
        self.messages.add(message)
        return is_first


def read_heads(
    records: Iterable[Record], types: Collection[bytes], messages: MessageRegistry
) -> tuple[list[RecordHead], list[InvalidRecord]]:
    """The readable records, those of ``types`` parsed completely, and the unreadable ones."""
    heads: list[RecordHead] = []
    invalid: list[InvalidRecord] = []
    streams: dict[bytes, UUID] = {}
    for record in records:
        try:
            heads.append(_read_head(record, types, streams, messages))
        except InvalidMessage as error:
            invalid.append(InvalidRecord(record, error))
    return heads, invalid


def _read_head(
    record: Record, types: Collection[bytes], streams: dict[bytes, UUID], messages: MessageRegistry
) -> RecordHead:
    """``streams`` caches the ids parsed from keys."""
    type_ = version = None
    for name, value in record.headers:
        if name == "ce_type":
            type_ = value
        elif name == "ce_version":
            version = value
    if type_ and type_ not in types and version and VERSION.fullmatch(version) and record.key:
        try:
            stream_id = streams.get(record.key) or UUID(record.key.decode())
        except ValueError:
            pass  # parsing the whole envelope below raises the precise error
        else:
            streams[record.key] = stream_id
            return RecordHead(record, (stream_id, int(version)), None)
    received = read_envelope(record, messages)
    return RecordHead(record, (received.stream_id, received.version), received if type_ in types else None)


def classify(
    heads: Iterable[RecordHead], seen: Mapping[UUID, int], unreadable: Sequence[InvalidRecord] = ()
) -> Classified:
    """``seen``: the last version of each stream on earlier pages."""
    page = Classified(unreadable=unreadable)
    versions = page.versions
    for head in heads:
        stream_id, version = head.fact
        last = versions.get(stream_id) or seen.get(stream_id, 0)
        if version == last + 1:
            versions[stream_id] = version
            page.next.append(head)
        elif version > last:
            page.gaps.append(head)
        else:
            page.repeated.append((len(page.next), head))
    return page


def share_of(
    page: Classified,
    types: Collection[str],
    topics: Collection[str],
    to_skip: SkippedRecords,
    seen: SeenSkipped,
) -> RunShare:
    """The share of a run whose read model handles ``types``, which are those of ``topics``. Unreadable
    records and gaps of other topics do not concern it: its lane parks none of them.

    Raises ``RunFailed`` for an unreadable record that is not to be skipped, and for a dead letter that the
    run must not skip."""
    unreadable = [it for it in page.unreadable if it.record.topic in topics]
    share = RunShare(unreadable=len(unreadable))
    for record, error in unreadable:
        if not to_skip.skips_unreadable(record):
            raise RunFailed(f"{describe(record)} cannot be read: {error.reason}, {error}") from error
    heads, gaps = page.next, [head for head in page.gaps if head.record.topic in topics]
    if to_skip.facts:
        candidates = _with_alternatives(page, to_skip, seen)
        heads = _once(_not_skipped(candidates, types, to_skip, share.skipped), to_skip, seen.facts)
        gaps = _not_skipped(gaps, types, to_skip, share.skipped_gaps)
    share.gaps += (head.fact for head in gaps)
    share.new += (head.received for head in heads if head.received and head.received.type in types)
    return share


def _with_alternatives(page: Classified, to_skip: SkippedRecords, seen: SeenSkipped) -> list[RecordHead]:
    """Insert the repeats of facts of which a record is skipped: the live consumer may have handled a repeat
    instead of that record."""
    merged = list(page.next)
    for position, head in reversed(page.repeated):
        if head.fact in to_skip.facts:
            merged.insert(position, head)
    return [head for head in merged if head.fact not in to_skip.facts or seen.is_first(head)]


def _once(heads: Sequence[RecordHead], to_skip: SkippedRecords, taken: set[FactId]) -> list[RecordHead]:
    """Of several records of a fact only the first one; updates ``taken``."""
    kept: list[RecordHead] = []
    for head in heads:
        if head.fact not in to_skip.facts:
            kept.append(head)
        elif head.fact not in taken:
            taken.add(head.fact)
            kept.append(head)
    return kept


def _not_skipped(
    heads: Sequence[RecordHead], types: Collection[str], to_skip: SkippedRecords, skipped: list[RecordHead]
) -> list[RecordHead]:
    """The records to take. The others go to ``skipped``, without the message if its type is not handled."""
    taken: list[RecordHead] = []
    for head in heads:
        if not to_skip.skips(head.fact, head.record):
            taken.append(head)
        elif head.received and head.received.type in types:
            skipped.append(head)
        else:
            skipped.append(head._replace(received=None))
    return taken
