"""Dispatch a batch: which messages each handler handles now, which wait behind a dead letter, which it
skips."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from contracts.registry import MessageRegistry
from kernel.messaging.batch_transaction import BatchTransaction
from kernel.messaging.dead_letters.model import BEFORE_DEDUPLICATION
from kernel.messaging.deduplication import Deduplicated, NewDeadLetter
from kernel.messaging.handled_versions import delete_caught_up, mark_behind, mark_handled, parked_messages
from kernel.messaging.inbound import InboundMessage
from kernel.store.writing import Connection

BLOCKED = "an earlier record of this key is parked"


@dataclass(slots=True)
class HandlerShare:
    """What one handler does with the batch; all in order."""

    scope: str
    to_handle: list[InboundMessage] = field(default_factory=list)
    to_park: list[NewDeadLetter] = field(default_factory=list)
    alternatives: list[InboundMessage] = field(default_factory=list)
    """Of messages in this batch: repeats, if those can be handled."""
    skipped: list[InboundMessage] = field(default_factory=list)
    """Of types that the handler does not handle, with nothing before them that waits."""
    skipped_behind: list[InboundMessage] = field(default_factory=list)
    """Of such types, too, but behind a dead letter: their stream is not handled up to them."""
    repeated: list[InboundMessage] = field(default_factory=list)


@dataclass(slots=True)
class DispatchPlan:
    group: str
    deduplicated: Deduplicated
    transaction: BatchTransaction
    messages: MessageRegistry
    parked_before: Collection[tuple[str, str]] = ()
    """Scope and message id of records that were parked by earlier batches."""
    shares: list[HandlerShare] = field(default_factory=list)

    async def load_parked(self, scopes: Sequence[str], connection: Connection) -> None:
        """Load ``parked_before`` for the streams that have alternatives."""
        if self.deduplicated.alternatives:
            streams = {message.stream_id for _, message in self.deduplicated.alternatives}
            self.parked_before = await parked_messages(scopes, streams, connection)

    def share_of(self, scope: str, types: Collection[str], group_types: Collection[str]) -> HandlerShare:
        """``types``: those of this handler; ``group_types``: those of all the group's handlers. A command
        that no handler of the group takes is parked: facts of an unknown type may be skipped."""
        blocked = {key for owner, key in self.transaction.blocked if owner in {self.group, scope}}
        share = HandlerShare(scope)
        self.shares.append(share)
        chosen: set[tuple[UUID, int]] = set()
        for message in self.deduplicated.with_alternatives():
            if message.is_alternative and (message.type not in types or self._is_repeat(scope, message)):
                share.repeated.append(message)
                continue
            is_blocked = message.record.key in blocked or self.deduplicated.is_blocked(message)
            if message.type in types:
                if is_blocked:
                    share.to_park.append(blocked_dead_letter(message))
                elif message.is_alternative and (
                    not self._is_behind(scope, message) or (message.stream_id, message.version) in chosen
                ):
                    share.alternatives.append(message)
                else:
                    share.to_handle.append(message)
                    if message.is_alternative:
                        chosen.add((message.stream_id, message.version))
            elif self._is_command(message) and message.type not in group_types:
                share.to_park.append(unknown_command(message))
                blocked.add(message.record.key)
            elif is_blocked:
                share.skipped_behind.append(message)
            else:
                share.skipped.append(message)
        return share

    async def store_handled(
        self, parked: Iterable[tuple[str, NewDeadLetter]], connection: Connection
    ) -> None:
        """Store which scopes have fallen behind by the batch's dead letters, and which have caught up."""
        first_parked: dict[tuple[str, UUID], int] = {}
        for scope, dead_letter in parked:
            if (message := dead_letter.message) and dead_letter.reason not in BEFORE_DEDUPLICATION:
                key = scope, message.stream_id
                first_parked[key] = min(message.version, first_parked.get(key, message.version))
        if first_parked:
            await mark_behind(first_parked, connection)
        handled: dict[tuple[str, UUID], int] = {}
        for share in self.shares if self.transaction.behind else ():
            parked_ids = {id(dead_letter.message) for scope, dead_letter in parked if scope == share.scope}
            for message in (*share.to_handle, *share.skipped):
                if id(message) not in parked_ids and self._is_behind(share.scope, message):
                    key = share.scope, message.stream_id
                    handled[key] = max(message.version, handled.get(key, 0))
        if handled:
            await mark_handled(handled, connection)
            await delete_caught_up(self.group, [share.scope for share in self.shares], connection)

    def _is_behind(self, scope: str, message: InboundMessage) -> bool:
        return (scope, message.stream_id) in self.transaction.behind

    def _is_command(self, message: InboundMessage) -> bool:
        is_unknown = message.type not in self.messages.topic_of
        return message.type in self.messages.commands or (
            is_unknown and message.record.topic.endswith(".commands")
        )

    def _is_repeat(self, scope: str, alternative: InboundMessage) -> bool:
        """Whether the scope has handled the version, or has parked this very message."""
        seen = self.transaction.seen.get(alternative.stream_id, 0)
        handled = self.transaction.behind.get((scope, alternative.stream_id), seen)
        return alternative.version <= handled or (scope, str(alternative.message_id)) in self.parked_before


def blocked_dead_letter(message: InboundMessage) -> NewDeadLetter:
    return NewDeadLetter(message.record, message, "behind", BLOCKED)


def unknown_command(message: InboundMessage) -> NewDeadLetter:
    return NewDeadLetter(message.record, message, "unknown_type", no_handler(message.type))


def no_handler(type_: str) -> str:
    return f"no handler for {type_}"
