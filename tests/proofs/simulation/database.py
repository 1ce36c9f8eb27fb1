"""One service's database in memory: its log, unique keys, responses, timers and consumer offsets."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from kernel.store.changes import LogRow, Timer

if TYPE_CHECKING:
    from tests.proofs.simulation.connection import Connection

SPOILED = 0.3
"""Part of the snapshots that belong to another history than the log."""
Name = tuple[str, str, str]
TimerKey = tuple[UUID, str]
OffsetKey = tuple[str, str, int]
"""Group, topic and partition."""
UnpaidExposure = tuple[str, UUID, UUID]
"""Tenant, order and exposure."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Offset:
    cluster_id: str
    generation: int
    next_offset: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A row of ``parked``, as far as consumers look at it."""

    scope: str
    key: bytes | None
    stream_id: UUID | None
    version: int | None
    message_id: str | None
    reason: str
    error: str
    resolved: bool = False


class Database:
    """What is committed. Only ``Connection`` changes it, in one step a transaction."""

    def __init__(self) -> None:
        self.log: list[LogRow] = []
        self.streams: dict[UUID, list[Row]] = defaultdict(list)
        self.versions: dict[UUID, int] = {}
        self.holders: dict[Name, UUID | None] = {}
        self.responses: dict[Name, UUID | None] = {}
        self.snapshots: dict[tuple[UUID, bytes], Row] = {}
        """By stream and fold."""
        self._first_states: dict[tuple[UUID, bytes], bytes] = {}
        self.timers: dict[TimerKey, Timer] = {}
        self.visible: dict[TimerKey, None] = {}
        """Timers that the scheduler lets the service's processes see: a poll may come late."""
        self.offsets: dict[OffsetKey, Offset] = {}
        self.seen: dict[str, dict[UUID, int]] = defaultdict(dict)
        self.behind: dict[tuple[str, UUID], int] = {}
        self.dead_letters: list[DeadLetter] = []
        self.unpaid: set[UnpaidExposure] = set()
        self.tables: dict[str, dict[Any, Row]] = defaultdict(dict)
        """The service's own tables, by name and key."""
        self.published = 0
        self.locks: dict[object, Connection] = {}
        """Rows that an open transaction has locked: others that change them wait."""

    def append(self, rows: Iterable[LogRow]) -> None:
        for it in rows:
            self.log.append(it)
            self.versions[it.stream_id] = it.version
            if it.kind == "fact":
                self.streams[it.stream_id].append(fact_row(it))

    def store_snapshot(self, row: Row, chance: random.Random) -> None:
        """Store the snapshot, or one of another history in its place, as after the database was restored: the
        log does not hold its fact, and its state is an earlier one."""
        key = row["stream_id"], row["fold"]
        first_state = self._first_states.setdefault(key, row["state"])
        is_of_log = chance.random() >= SPOILED
        self.snapshots[key] = row | {
            "is_of_log": is_of_log,
            "state": row["state"] if is_of_log else first_state,
        }

    def due(self, kinds: Iterable[str], now: datetime) -> list[Timer]:
        """The oldest visible timers that are due and not locked."""
        found = [
            timer
            for key in self.visible
            if (timer := self.timers.get(key)) and timer.due_at <= now and timer.kind in kinds
            if key not in self.locks
        ]
        return sorted(found, key=lambda it: it.due_at)


def fact_row(it: LogRow) -> Row:
    return {
        "stream_id": it.stream_id,
        "version": it.version,
        "type": it.type,
        "schema_version": it.schema_version,
        "body": it.body,
        "recorded_at": it.recorded_at,
        "tenant": it.tenant,
    }
