"""Bring one run's shadow up to date, page by page, and prove that it lacks nothing."""

from __future__ import annotations

from kernel.faults import failpoints
from kernel.store.writing import Connection
from projections.adapters.rebuild.deduplication import Classified, RecordHead, SeenSkipped, share_of
from projections.adapters.rebuild.errors import RunFailed
from projections.adapters.rebuild.shadow import Shadow
from projections.adapters.rebuild.skipped_records import FactId, Kind, SkippedRecords, load_skipped_records


class ShadowLoader:
    def __init__(self, group: str, kind: Kind, shadow: Shadow, connection: Connection) -> None:
        self._group = group
        self._kind = kind
        self._shadow = shadow
        self._connection = connection
        self._aside = SkippedRecords()
        self._gaps: list[FactId] = []
        self._left_out: list[RecordHead] = []
        self._left_out_gaps: list[RecordHead] = []
        self._unreadable = 0
        self._met = SeenSkipped()

    @property
    def set_aside(self) -> int:
        return len(self._left_out) + len(self._left_out_gaps) + self._unreadable

    async def look_aside(self) -> None:
        """Before any pages are taken. What has been handled since the last look comes before them: they may
        hold what has come behind it."""
        self._aside = await self._set_aside()
        await self.settle()

    async def take(self, found: Classified) -> None:
        share = share_of(found, self._shadow.model.types, self._aside, self._met)
        async with self._connection.transaction():
            await self._shadow.note(found.versions)
            await self._shadow.apply(share.new)
            failpoints.active and await failpoints.reach("rebuild.after_page")
        self._gaps += share.gaps
        self._left_out += share.left_out
        self._left_out_gaps += share.left_out_gaps
        self._unreadable += share.unreadable

    async def settle(self) -> None:
        """What was left out because it was parked, and has been handled by now, is applied after all."""
        back = [it for it in self._left_out if not self._waits(it)]
        self._left_out = [it for it in self._left_out if self._waits(it)]
        back += await self._in_their_turn([it for it in self._left_out_gaps if not self._waits(it)])
        self._met.facts |= {it.fact for it in back}
        await self._shadow.apply([it.received for it in back if it.received is not None])

    def _waits(self, it: RecordHead) -> bool:
        return self._aside.skips(it.fact, it.record)

    async def _in_their_turn(self, handled: list[RecordHead]) -> list[RecordHead]:
        """Of those that had come too early: one whose predecessor is still to be read waits for it, and one
        that has come again since was taken then."""
        reached = await self._shadow.seen({stream for stream, _ in (it.fact for it in handled)})
        before = dict(reached)
        back, early = [], []
        for it in sorted(handled, key=lambda it: it.fact):
            stream, version = it.fact
            if version > reached.get(stream, 0) + 1:
                early.append(it)
            elif version > reached.get(stream, 0):
                reached[stream] = version
                back.append(it)
        await self._shadow.note({it: to for it, to in reached.items() if to != before.get(it)})
        self._left_out_gaps = [it for it in self._left_out_gaps if self._waits(it)] + early
        return back

    async def check(self) -> None:
        """Raises ``RunFailed`` where the topics do not hold all that the live read model has been told."""
        reached = await self._shadow.seen({stream for stream, _ in self._gaps})
        gaps = [(stream, it) for stream, it in self._gaps if reached.get(stream, 0) < it]
        if gaps:
            stream, version = gaps[0]
            raise RunFailed(
                f"{len(gaps)} facts lack the ones before them, the first is version {version} of {stream}."
            )
        if missing := await self._shadow.missing_streams(self._group):
            raise RunFailed(
                f"The topics hold less of {missing} streams than the live read model has been told: is a"
                " broker that lost records being filled again? Try again when it is."
            )

    async def _set_aside(self) -> SkippedRecords:
        return await load_skipped_records(self._shadow.model, self._group, self._kind, self._connection)
