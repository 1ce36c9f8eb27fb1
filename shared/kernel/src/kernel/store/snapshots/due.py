"""Snapshots that are due, noted by units of work and made by the snapshot writer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from kernel import waiting
from kernel.domain import Aggregate
from kernel.store.changes import LogRow

DEFAULT_SNAPSHOT_FACTS = 500
MAX_DUE = 1_000
"""Beyond that a snapshot is not noted: the stream's next facts, or its next load, note it again."""


StreamKey = tuple[str, type[Aggregate], UUID]
"""Tenant, kind and id."""


class Stream(NamedTuple):
    tenant: str
    kind: type[Aggregate]
    stream_id: UUID


class DueSnapshots:
    def __init__(self, every: int) -> None:
        """``every``: facts from one snapshot of a stream to the next; 0: no snapshots are made or read."""
        self.every = every
        self._versions: dict[Stream, int] = {}
        self._unusable: set[tuple[UUID, bytes]] = set()
        self._noted = asyncio.Event()

    @property
    def are_on(self) -> bool:
        return self.every > 0

    def note_load(self, tenant: str, aggregate: Aggregate, folded: int) -> None:
        """Note the stream if so many of its facts were folded that a snapshot would have helped."""
        if self.are_on and folded >= self.every:
            self._note(Stream(tenant, type(aggregate), aggregate.id), aggregate.version)

    def note_commit(self, opened: Iterable[StreamKey], rows: Iterable[LogRow]) -> None:
        """Note the streams that have reached a multiple of ``every`` facts."""
        if not self.are_on:
            return
        reached = {it.stream_id: it.version for it in rows if it.version % self.every == 0}
        if reached:
            for key in opened:
                if version := reached.get(key[2]):
                    self._note(Stream(*key), version)

    def _note(self, stream: Stream, version: int) -> None:
        if len(self._versions) < MAX_DUE:
            self._versions[stream] = version
            self._noted.set()

    def forget(self, streams: Iterable[Stream]) -> None:
        """Streams that the snapshot writer has loaded: its own loads make no snapshot due."""
        for stream in streams:
            self._versions.pop(stream, None)

    def note_unusable(self, stream_id: UUID, fold: bytes) -> None:
        """The snapshot contradicts the log, or cannot be read: it is to be deleted."""
        if len(self._unusable) < MAX_DUE:
            self._unusable.add((stream_id, fold))
            self._noted.set()

    def __bool__(self) -> bool:
        return bool(self._versions or self._unusable)

    async def wait(self, seconds: float) -> None:
        """Return once something is noted, at the latest after so many seconds."""
        await waiting.wait_at_most(self._noted, seconds)

    def take(self) -> tuple[dict[Stream, int], set[tuple[UUID, bytes]]]:
        """What was noted since the last call: streams with their versions, and snapshots to be deleted."""
        taken = self._versions, self._unusable
        self._versions, self._unusable = {}, set()
        self._noted.clear()
        return taken
