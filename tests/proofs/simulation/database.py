"""One service's database: its log, names, answers, timers and places, all of which change in one commit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kernel.errors import Conflict, LostPlace
from kernel.store.committer import too_late
from kernel.store.loading import LOG, LOG_FOR_CALLERS, MOVED_ON, TAILS
from kernel.store.save import LogRow, Save, Timer
from kernel.store.session import HOLDER

Name = tuple[str, str, str]
Due = tuple[UUID, str]
READ_TAILS = {TAILS.format(it) for it in (LOG, LOG_FOR_CALLERS)}
LOOK_WHETHER_MOVED = {MOVED_ON.format(it) for it in (LOG, LOG_FOR_CALLERS)}


@dataclass
class Along:
    """What a consumer or a timer changes in the transaction of its unit of work."""

    group: str = ""
    moves: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    """From which place to which."""
    seen: Mapping[UUID, int] = field(default_factory=dict)
    fired: Timer | None = None
    writes: list[Callable[[], None]] = field(default_factory=list)
    """Into tables of the service's own."""


class Database:
    """Fulfils what the kernel's session asks of a connection: three queries, told apart by their text."""

    def __init__(self) -> None:
        self.log: list[LogRow] = []
        self.streams: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
        self.versions: dict[UUID, int] = {}
        self.holders: dict[Name, UUID | None] = {}
        self.answers: dict[Name, UUID | None] = {}
        self.timers: dict[Due, Timer] = {}
        self.places: dict[tuple[str, str, int], int] = {}
        self.seen: dict[str, dict[UUID, int]] = defaultdict(dict)
        self.published = 0

    async def fetch(self, query: str, *arguments: Any) -> list[dict[str, Any]]:
        if query not in READ_TAILS:
            raise AssertionError(f"nobody answers this here: {query}")
        streams, known, tenant = arguments
        return [
            row
            for stream, version in zip(streams, known, strict=True)
            for row in self.streams.get(stream, ())[version:]
            if row["tenant"] == tenant
        ]

    async def fetchval(self, query: str, *arguments: Any) -> Any:
        if query == HOLDER:
            return self.holders.get(arguments)
        if query in LOOK_WHETHER_MOVED:
            return any(self.versions.get(it, 0) > known for it, known in zip(*arguments, strict=True))
        raise AssertionError(f"nobody answers this here: {query}")

    def commit(self, save: Save, along: Along | None = None) -> None:
        """All of it, or nothing: raises what the kernel's committer would tell whoever comes too late."""
        if along:
            self._check(along)
        late = too_late(save, self.versions, self.holders, set(self.answers) if save.answer else set())
        if late is not None:
            raise late
        if along:
            self._move(along)
        self._keep(save.rows)
        for key, timer in save.timers.items():
            known = self.timers.get(key)
            if key == save.of_taken and save.taken and (known is None or known.due_at != save.taken.due_at):
                continue
            self.timers.pop(key, None)
            if timer is not None:
                self.timers[key] = timer
        for name in sorted(save.given_up):
            self.holders.pop(name, None)
        for name, claim in save.claims.items():
            self.holders[name] = claim.holder
        if save.answer:
            self.answers[save.answer[:3]] = save.answer.subject

    def _check(self, along: Along) -> None:
        for (topic, part), (begin, _) in along.moves.items():
            if self.places.get((along.group, topic, part), 0) != begin:
                raise LostPlace(f"{along.group} has moved on in {topic}/{part}")
        it = along.fired
        if it is not None and self.timers.get((it.subject, it.kind)) is not it:
            raise Conflict("the timer's row was changed, which would have waited for us")

    def _move(self, along: Along) -> None:
        for (topic, part), (_, end) in along.moves.items():
            self.places[along.group, topic, part] = end
        if along.seen:
            self.seen[along.group] |= along.seen
        if along.fired is not None:
            del self.timers[along.fired.subject, along.fired.kind]
        for write in along.writes:
            write()

    def _keep(self, rows: Iterable[LogRow]) -> None:
        for it in rows:
            self.log.append(it)
            self.versions[it.stream_id] = it.version
            if it.kind == "fact":
                self.streams[it.stream_id].append(
                    {
                        "stream_id": it.stream_id,
                        "version": it.version,
                        "type": it.type,
                        "schema_version": it.schema_version,
                        "body": it.body,
                        "recorded_at": it.recorded_at,
                        "tenant": it.tenant,
                    }
                )
