"""What each reader makes of a batch: what it may handle, what has to wait, and what it has handled before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from contracts.registry import MessageRegistry
from kernel.messaging.batch_transaction import BatchTransaction
from kernel.messaging.dead_letters.model import BEFORE_SIFTING
from kernel.messaging.deduplication import Deduplicated, Parked
from kernel.messaging.handled_versions import forget_caught_up, mark_handled, met, skip_version
from kernel.messaging.inbound import InboundMessage
from kernel.store.writing import Connection


@dataclass(slots=True)
class Turn:
    """One reader's part of the batch, in order."""

    scope: str
    free: list[InboundMessage] = field(default_factory=list)
    waiting: list[Parked] = field(default_factory=list)
    rivals: list[InboundMessage] = field(default_factory=list)
    """Of others in this batch: repetitions, if those can be handled."""
    skipped: list[InboundMessage] = field(default_factory=list)
    """Of no concern to it, and nothing before them waits."""
    skipped_behind: int = 0
    """Of no concern to it either, but its stream is not handled as far as that."""
    repeated: int = 0


@dataclass(slots=True)
class Turns:
    group: str
    sifted: Deduplicated
    opened: BatchTransaction
    messages: MessageRegistry
    met: Collection[tuple[str, str]] = ()
    """Reader and message's id of what was put aside before."""
    done: list[Turn] = field(default_factory=list)

    async def look_up_rivals(self, scopes: Sequence[str], connection: Connection) -> None:
        if self.sifted.rivals:
            streams = {it.stream_id for _, it in self.sifted.rivals}
            self.met = await met(scopes, streams, connection)

    def of(self, scope: str, types: Collection[str], obeyed: Collection[str]) -> Turn:
        """``obeyed``: the types that some reader of the group knows; a command that none does may not be
        skipped, as a fact of a type that is news to us may."""
        blocked = {key for its, key in self.opened.blocked if its in {self.group, scope}}
        turn = Turn(scope)
        self.done.append(turn)
        taken: set[tuple[UUID, int]] = set()
        for it in self.sifted.in_order():
            if it.is_rival and (it.type not in types or self._has_handled(scope, it)):
                turn.repeated += 1
                continue
            waits = it.record.key in blocked or self.sifted.is_blocked(it)
            if it.type in types:
                if waits:
                    turn.waiting.append(behind(it))
                elif it.is_rival and (not self._is_behind(scope, it) or (it.stream_id, it.version) in taken):
                    turn.rivals.append(it)
                else:
                    turn.free.append(it)
                    if it.is_rival:
                        taken.add((it.stream_id, it.version))
            elif self._is_command(it) and it.type not in obeyed:
                turn.waiting.append(Parked(it.record, it, "unknown_type", f"nobody here obeys {it.type}"))
                blocked.add(it.record.key)
            elif waits:
                turn.skipped_behind += 1
            else:
                turn.skipped.append(it)
        return turn

    async def note(self, aside: Iterable[tuple[str, Parked]], connection: Connection) -> None:
        """Which reader has handled less now than its group has seen, and which has caught up."""
        first_aside: dict[tuple[str, UUID], int] = {}
        for scope, it in aside:
            if (of := it.received) and it.reason not in BEFORE_SIFTING:
                where = scope, of.stream_id
                first_aside[where] = min(of.version, first_aside.get(where, of.version))
        if first_aside:
            await skip_version(first_aside, connection)
        handled: dict[tuple[str, UUID], int] = {}
        for turn in self.done if self.opened.behind else ():
            parked = {id(it.received) for scope, it in aside if scope == turn.scope}
            for one in (*turn.free, *turn.skipped):
                if id(one) not in parked and self._is_behind(turn.scope, one):
                    where = turn.scope, one.stream_id
                    handled[where] = max(one.version, handled.get(where, 0))
        if handled:
            await mark_handled(handled, connection)
            await forget_caught_up(self.group, [it.scope for it in self.done], connection)

    def _is_behind(self, scope: str, it: InboundMessage) -> bool:
        return (scope, it.stream_id) in self.opened.behind

    def _is_command(self, it: InboundMessage) -> bool:
        is_unknown = it.type not in self.messages.topic_of
        return it.type in self.messages.commands or (is_unknown and it.record.topic.endswith(".commands"))

    def _has_handled(self, scope: str, rival: InboundMessage) -> bool:
        """Or has put this very message aside."""
        seen = self.opened.seen.get(rival.stream_id, 0)
        handled = self.opened.behind.get((scope, rival.stream_id), seen)
        return rival.version <= handled or (scope, str(rival.message_id)) in self.met


def behind(it: InboundMessage) -> Parked:
    return Parked(it.record, it, "behind", "an earlier record of this key is parked")
