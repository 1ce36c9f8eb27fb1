"""Bring one run's shadow up to date, page by page, and prove that it lacks nothing."""

from __future__ import annotations

from kernel.faults import failpoints
from kernel.messaging.received import Received
from kernel.store.writing import Connection
from projections.adapters.rebuilding.refusals import Failed
from projections.adapters.rebuilding.set_aside import FactId, Kind, SetAside, read_set_aside
from projections.adapters.rebuilding.shadow import Shadow
from projections.adapters.rebuilding.sifting import Head, Sorted, share_of


class Filling:
    def __init__(self, group: str, kind: Kind, shadow: Shadow, connection: Connection) -> None:
        self._group = group
        self._kind = kind
        self._shadow = shadow
        self._connection = connection
        self._aside = SetAside()
        self._gaps: list[FactId] = []
        self._left_out: list[Head] = []
        self._unreadable = 0

    @property
    def set_aside(self) -> int:
        return len(self._left_out) + self._unreadable

    async def look_aside(self) -> None:
        """Before any pages are taken."""
        self._aside = await self._set_aside()

    async def take(self, found: Sorted) -> None:
        share = share_of(found, self._shadow.model.types, self._aside)
        async with self._connection.transaction():
            await self._shadow.note(found.versions)
            await self._shadow.apply(share.new)
            failpoints.active and await failpoints.reach("rebuild.after_page")
        self._gaps += share.gaps
        self._left_out += share.left_out
        self._unreadable += share.unreadable

    async def settle(self) -> None:
        """What was left out because it was parked, and has been handled by now, is applied after all."""
        now = await self._set_aside()
        still: list[Head] = []
        back: list[Received] = []
        for it in self._left_out:
            if now.leaves_out(it.fact, it.record):
                still.append(it)
            elif it.received is not None:
                back.append(it.received)
        self._left_out = still
        await self._shadow.apply(back)

    async def check(self) -> None:
        """Raises ``Failed`` where the topics do not hold all that the live read model has been told."""
        reached = await self._shadow.seen({stream for stream, _ in self._gaps})
        gaps = [(stream, it) for stream, it in self._gaps if reached.get(stream, 0) < it]
        if gaps:
            stream, version = gaps[0]
            raise Failed(
                f"{len(gaps)} facts lack the ones before them, the first is version {version} of {stream}."
            )
        if missing := await self._shadow.missing_streams(self._group):
            raise Failed(
                f"The topics hold less of {missing} streams than the live read model has been told: is a"
                " broker that lost records being filled again? Try again when it is."
            )

    async def _set_aside(self) -> SetAside:
        return await read_set_aside(self._shadow.model, self._group, self._kind, self._connection)
