"""Sort a batch before anybody handles it: repetitions out, gaps and the unreadable aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeAlias
from uuid import UUID

from aiokafka import ConsumerRecord

from contracts.registry import MessageRegistry
from kernel.messaging.headers import generation_header
from kernel.messaging.inbound import InboundMessage, InvalidMessage, generation_of, read_envelope

Record: TypeAlias = "ConsumerRecord[bytes | None, bytes | None]"
MAX_AHEAD = 100
"""A relay counts one more when it begins again, after its broker has lost records: a reader may miss some."""


@dataclass(slots=True)
class Parked:
    record: Record
    received: InboundMessage | None
    reason: str
    error: str


@dataclass(slots=True)
class Deduplicated:
    accepted: list[InboundMessage] = field(default_factory=list)
    """In order, each the next version of its stream."""
    rivals: list[tuple[int, InboundMessage]] = field(default_factory=list)
    """Records with a version that was met in another one, but perhaps not handled; each with how many of the
    new ones come before it."""
    parked: list[Parked] = field(default_factory=list)
    poisoned_keys: dict[bytes | None, int] = field(default_factory=dict)
    """The offset of the first unreadable record of a key."""
    repeated: int = 0
    versions: dict[UUID, int] = field(default_factory=dict)
    """The last version of each stream after this batch, where it is another than before."""

    def is_blocked(self, it: InboundMessage) -> bool:
        """Whether an unreadable record of the same key came before it."""
        first = self.poisoned_keys.get(it.record.key)
        return first is not None and first < it.record.offset

    def holds(self, it: InboundMessage) -> bool:
        """The very same message."""
        held = *self.accepted, *(rival for _, rival in self.rivals)
        return any(
            other.version == it.version
            and other.stream_id == it.stream_id
            and other.message_id == it.message_id
            for other in held
        )

    def in_order(self) -> Sequence[InboundMessage]:
        """The new ones with the rivals between them."""
        together = list(self.accepted) if self.rivals else self.accepted
        for place, rival in reversed(self.rivals):
            together.insert(place, rival)
        return together


def read_all(
    records: Iterable[Record], messages: MessageRegistry
) -> tuple[list[InboundMessage], list[Parked]]:
    """The records whose envelope can be read, and the others."""
    readable: list[InboundMessage] = []
    parked: list[Parked] = []
    for record in records:
        try:
            readable.append(read_envelope(record, messages))
        except InvalidMessage as error:
            parked.append(Parked(record, error.received, error.reason, str(error)))
    return readable, parked


def deduplicate(
    readable: Sequence[InboundMessage],
    parked: Sequence[Parked],
    seen: Mapping[UUID, int],
    handled: Mapping[UUID, int] = MappingProxyType({}),
) -> Deduplicated:
    """``seen``: the last version of each stream that this group has met in its turn; ``handled``: that which
    its readers have handled, where it is less."""
    sifted = Deduplicated(parked=list(parked))
    for unreadable in parked:
        if unreadable.record.key is not None:
            sifted.poisoned_keys.setdefault(unreadable.record.key, unreadable.record.offset)
    for it in readable:
        last = sifted.versions.get(it.stream_id, seen.get(it.stream_id, 0))
        if it.version <= last:
            if it.version <= handled.get(it.stream_id, seen.get(it.stream_id, 0)) or sifted.holds(it):
                sifted.repeated += 1
            else:
                sifted.rivals.append((len(sifted.accepted), replace(it, is_rival=True)))
        elif it.version > last + 1:
            sifted.parked.append(Parked(it.record, it, "gap", f"version {it.version} came after {last}"))
        else:
            sifted.versions[it.stream_id] = it.version
            sifted.accepted.append(it)
    return sifted


def newest_generation(records: Sequence[Record], known: int, messages: MessageRegistry) -> int:
    """The last beginning of the relay that is known, with what these records say; a broken envelope is not
    believed, nor a leap that no relay makes: kept, it would hide the next true beginning. It never goes back:
    what a relay sent too late may stand before a later one's beginning."""
    usual = generation_header(known)
    if all(usual in it.headers or generation_of(it) <= known for it in records):
        return known
    readable, _ = read_all(records, messages)
    return max(
        (it.generation for it in readable if known < it.generation <= known + MAX_AHEAD), default=known
    )
