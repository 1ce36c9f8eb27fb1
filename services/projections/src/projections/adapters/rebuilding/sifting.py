"""Sort what a run reads as the live consumer would: repetitions out, gaps noted, the rest in order.

Most records are of types that the read model does not know; of those only the key, the type and the version
are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from kernel.messaging.received import Received, Unreadable, read_envelope
from kernel.messaging.sifting import Record
from projections.adapters.rebuilding.refusals import Failed
from projections.adapters.rebuilding.set_aside import FactId, SetAside, place

NUMBER = re.compile(rb"[1-9]\d{0,8}")
"""Versions as the relay writes them."""


class Head(NamedTuple):
    record: Record
    fact: FactId
    received: Received | None
    """Where the read model knows the type."""


@dataclass(slots=True)
class Sorted:
    new: list[Received] = field(default_factory=list)
    left_out: list[Head] = field(default_factory=list)
    versions: dict[UUID, int] = field(default_factory=dict)
    """The last version of each stream, where it is another than before."""
    gaps: list[FactId] = field(default_factory=list)
    """What came before its turn: it must come again."""


def read_heads(
    records: Iterable[Record], types: Collection[bytes], aside: SetAside
) -> tuple[list[Head], int]:
    """And how many were left out that cannot be read. Raises ``Failed`` for another one that cannot be."""
    heads: list[Head] = []
    streams: dict[bytes, UUID] = {}
    unreadable = 0
    for record in records:
        try:
            heads.append(_head(record, types, streams))
        except Unreadable as wrong:
            if not aside.leaves_out_unreadable(record):
                raise Failed(f"{place(record)} cannot be read: {wrong.reason}, {wrong}") from wrong
            unreadable += 1
    return heads, unreadable


def _head(record: Record, types: Collection[bytes], streams: dict[bytes, UUID]) -> Head:
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
            return Head(record, (stream_id, int(version)), None)
    received = read_envelope(record)
    return Head(record, (received.stream_id, received.version), received if kind in types else None)


def sift(heads: Iterable[Head], seen: Mapping[UUID, int], aside: SetAside) -> Sorted:
    """``seen``: the last version of each stream in what was read before."""
    found = Sorted()
    versions = found.versions
    for it in heads:
        stream_id, version = it.fact
        last = versions.get(stream_id) or seen.get(stream_id, 0)
        if version <= last:
            continue
        left_out = bool(aside.facts) and aside.leaves_out(it.fact, it.record)
        if version == last + 1:
            versions[stream_id] = version
        if left_out:
            found.left_out.append(it)
        elif version > last + 1:
            found.gaps.append(it.fact)
        elif it.received is not None:
            found.new.append(it.received)
    return found
