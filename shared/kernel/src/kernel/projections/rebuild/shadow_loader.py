"""Load one run's shadow page by page, and check that it is complete."""

from __future__ import annotations

from collections.abc import Collection

from kernel.faults import failpoints
from kernel.projections.rebuild.deduplication import Classified, RecordHead, SeenSkipped, share_of
from kernel.projections.rebuild.errors import RunFailed
from kernel.projections.rebuild.shadow import Shadow
from kernel.projections.rebuild.skipped_records import FactId, Kind, SkippedRecords, load_skipped_records
from kernel.store.writing import Connection


class ShadowLoader:
    def __init__(self, kind: Kind, topics: Collection[str], shadow: Shadow, connection: Connection) -> None:
        """``topics``: those that the read model is built from; the loaded pages may have others."""
        self._kind = kind
        self._topics = topics
        self._shadow = shadow
        self._connection = connection
        self._to_skip = SkippedRecords()
        self._gaps: list[FactId] = []
        self._skipped: list[RecordHead] = []
        self._skipped_gaps: list[RecordHead] = []
        self._unreadable = 0
        self._seen_skipped = SeenSkipped()

    @property
    def skipped(self) -> int:
        return len(self._skipped) + len(self._skipped_gaps) + self._unreadable

    async def refresh_skipped(self) -> None:
        """Reload which records to skip and apply those handled since. Call before loading pages, which may
        hold facts that follow the handled ones."""
        self._to_skip = await load_skipped_records(self._shadow.model, self._kind, self._connection)
        await self.apply_released()

    async def load(self, page: Classified) -> None:
        share = share_of(page, self._shadow.model.types, self._topics, self._to_skip, self._seen_skipped)
        async with self._connection.transaction():
            await self._shadow.record_seen(page.versions)
            await self._shadow.apply(share.new)
            failpoints.active and await failpoints.hit("rebuild.after_page")
        self._gaps += share.gaps
        self._skipped += share.skipped
        self._skipped_gaps += share.skipped_gaps
        self._unreadable += share.unreadable

    async def apply_released(self) -> None:
        """Apply the records that were skipped as dead letters and have been handled since."""
        released = [head for head in self._skipped if not self._is_skipped(head)]
        self._skipped = [head for head in self._skipped if self._is_skipped(head)]
        released += await self._released_gaps()
        self._seen_skipped.facts |= {head.fact for head in released}
        await self._shadow.apply([head.received for head in released if head.received is not None])

    def _is_skipped(self, head: RecordHead) -> bool:
        return self._to_skip.skips(head.fact, head.record)

    async def _released_gaps(self) -> list[RecordHead]:
        """Handled records that had arrived before their predecessors and are next in their stream now. Those
        still ahead of their stream are kept; those at or below its version were read again since."""
        handled = [head for head in self._skipped_gaps if not self._is_skipped(head)]
        before = await self._shadow.seen({head.fact[0] for head in handled})
        versions = dict(before)
        released, early = [], []
        for head in sorted(handled, key=lambda head: head.fact):
            stream, version = head.fact
            last = versions.get(stream, 0)
            if version > last + 1:
                early.append(head)
            elif version > last:
                versions[stream] = version
                released.append(head)
        advanced = {stream: to for stream, to in versions.items() if to != before.get(stream)}
        await self._shadow.record_seen(advanced)
        self._skipped_gaps = [head for head in self._skipped_gaps if self._is_skipped(head)] + early
        return released

    async def check_complete(self) -> None:
        """Raises ``RunFailed`` if the topics hold fewer facts than the live read model has applied."""
        versions = await self._shadow.seen({stream for stream, _ in self._gaps})
        gaps = [(stream, version) for stream, version in self._gaps if versions.get(stream, 0) < version]
        if gaps:
            stream, version = gaps[0]
            raise RunFailed(
                f"{len(gaps)} facts lack their predecessors, the first is version {version} of {stream}."
            )
        if missing := await self._shadow.missing_streams():
            raise RunFailed(
                f"The topics hold fewer facts of {missing} streams than the live read model has applied. If a"
                " broker that lost records is being refilled, try again when that is done."
            )
