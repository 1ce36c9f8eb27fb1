"""Deduplicate a batch before it is dispatched: drop repeats, park gaps and unreadable records."""

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
Received: TypeAlias = "tuple[list[InboundMessage], list[NewDeadLetter]]"
"""Records with their envelopes read: the readable ones, and the others."""
MAX_GENERATION_STEP = 100
"""A relay adds 1 when it starts again after its broker has lost records. A reader may miss some
generations."""


@dataclass(slots=True)
class NewDeadLetter:
    """A record to be parked in the batch's transaction."""

    record: Record
    message: InboundMessage | None
    """None if the envelope is unreadable."""
    reason: str
    error: str


@dataclass(slots=True)
class Deduplicated:
    accepted: list[InboundMessage] = field(default_factory=list)
    """In order, each the next version of its stream."""
    alternatives: list[tuple[int, InboundMessage]] = field(default_factory=list)
    """Records with a version that was seen in another record, but perhaps not handled; each with the number
    of ``accepted`` messages before it."""
    parked: list[NewDeadLetter] = field(default_factory=list)
    poisoned_keys: dict[bytes | None, int] = field(default_factory=dict)
    """Key -> offset of its first unreadable record."""
    repeated: int = 0
    versions: dict[UUID, int] = field(default_factory=dict)
    """The new last version of each stream that advanced."""

    def is_blocked(self, message: InboundMessage) -> bool:
        """Whether an unreadable record of the same key came before it."""
        first = self.poisoned_keys.get(message.record.key)
        return first is not None and first < message.record.offset

    def contains(self, message: InboundMessage) -> bool:
        """Whether the batch holds this very message, not only its version."""
        held = *self.accepted, *(alternative for _, alternative in self.alternatives)
        return any(
            other.version == message.version
            and other.stream_id == message.stream_id
            and other.message_id == message.message_id
            for other in held
        )

    def with_alternatives(self) -> Sequence[InboundMessage]:
        """The accepted messages with the alternatives between them, in the order of the records."""
        merged = list(self.accepted) if self.alternatives else self.accepted
        for position, alternative in reversed(self.alternatives):
            merged.insert(position, alternative)
        return merged


def read_envelopes(records: Iterable[Record], messages: MessageRegistry) -> Received:
    readable: list[InboundMessage] = []
    unreadable: list[NewDeadLetter] = []
    for record in records:
        try:
            readable.append(read_envelope(record, messages))
        except InvalidMessage as error:
            unreadable.append(NewDeadLetter(record, error.message, error.reason, str(error)))
    return readable, unreadable


def deduplicate(
    readable: Sequence[InboundMessage],
    unreadable: Sequence[NewDeadLetter],
    seen: Mapping[UUID, int],
    handled: Mapping[UUID, int] = MappingProxyType({}),
) -> Deduplicated:
    """``seen``: the last version of each stream that the group has accepted; ``handled``: the last version
    that all its scopes have handled, where it is lower."""
    result = Deduplicated(parked=list(unreadable))
    for dead_letter in unreadable:
        if dead_letter.record.key is not None:
            result.poisoned_keys.setdefault(dead_letter.record.key, dead_letter.record.offset)
    for message in readable:
        last = result.versions.get(message.stream_id, seen.get(message.stream_id, 0))
        if message.version <= last:
            all_handled = handled.get(message.stream_id, seen.get(message.stream_id, 0))
            if message.version <= all_handled or result.contains(message):
                result.repeated += 1
            else:
                result.alternatives.append((len(result.accepted), replace(message, is_alternative=True)))
        elif message.version > last + 1:
            result.parked.append(
                NewDeadLetter(message.record, message, "gap", f"version {message.version} follows {last}")
            )
        else:
            result.versions[message.stream_id] = message.version
            result.accepted.append(message)
    return result


def newest_generation(records: Sequence[Record], known: int, messages: MessageRegistry) -> int:
    """Highest relay generation seen; never decreases, for a late record of an earlier generation may follow
    the first of a later one. Only records with a valid envelope count, and no step larger than
    ``MAX_GENERATION_STEP``: stored, a forged number would hide the relay's next generation."""
    usual = generation_header(known)
    if all(usual in record.headers or generation_of(record) <= known for record in records):
        return known
    readable, _ = read_envelopes(records, messages)
    return max(
        (
            message.generation
            for message in readable
            if known < message.generation <= known + MAX_GENERATION_STEP
        ),
        default=known,
    )
