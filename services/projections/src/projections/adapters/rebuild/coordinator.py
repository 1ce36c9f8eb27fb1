"""Several runs side by side: the topics are read once for all of them, and each makes of it what it needs.

Whatever goes wrong with one of them ends that one alone.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Mapping, Sequence

import structlog
from aiokafka import TopicPartition

from kernel.faults import failpoints
from kernel.messaging.transient import passes
from projections.adapters.rebuild.deduplication import Classified, classify
from projections.adapters.rebuild.diff import Differences, checkpoint_table, compare, tables_of
from projections.adapters.rebuild.run import Run
from projections.adapters.rebuild.swap import TablesBusy, lock_writers, swap
from projections.adapters.rebuild.topic_reader import TopicReader

LOG = structlog.get_logger()
CLOSE = 2000
"""Records: what is missing is read while the live read model waits, or within its snapshot."""
TELL_EVERY = 0.3
TRIES = 20


class RunCoordinator:
    def __init__(self, runs: Sequence[Run], reading: TopicReader) -> None:
        self._runs = list(runs)
        self._reading = reading
        self._total = 0
        self._told = 0.0

    async def carry_out(self) -> None:
        for run in list(self._runs):
            await self._guarded(run, run.begin())
        await self._fill()
        for run in list(self._runs):
            if run in self._runs:
                await self._guarded(run, self._finish(run))

    async def _fill(self) -> None:
        """Until the live read models are close."""
        while self._runs:
            try:
                targets = await self._live_place(self._runs[0])
            except Exception as error:
                await self._broken(self._runs[0], error)
                continue
            await self._tell()
            if self._total - self._reading.events_done < CLOSE:
                return
            await self._up_to(targets)

    async def _live_place(self, run: Run) -> Mapping[TopicPartition, int]:
        targets = await self._reading.live_place(run.connection)
        self._total = self._reading.total(targets)
        return targets

    async def _up_to(self, targets: Mapping[TopicPartition, int], finishing: Run | None = None) -> None:
        """What goes wrong with the one that is ``finishing`` is raised: its transaction is not to go on."""
        await self._each(finishing, {run: run.loader.look_aside() for run in self._runs})
        async for heads, unreadable in self._reading.pages(targets):
            if not self._runs:
                return
            seen = await self._runs[0].shadow.seen({it.fact[0] for it in heads})
            await self._take(classify(heads, seen, unreadable), finishing)
            if finishing is None and time.monotonic() - self._told > TELL_EVERY:
                await self._tell()

    async def _take(self, found: Classified, finishing: Run | None) -> None:
        await self._each(finishing, {run: run.loader.take(found) for run in self._runs})

    async def _each(self, finishing: Run | None, work: Mapping[Run, Awaitable[None]]) -> None:
        ends = await asyncio.gather(*work.values(), return_exceptions=True)
        for run, end in zip(work, ends, strict=True):
            if end is None:
                continue
            if run is finishing or not isinstance(end, Exception):
                raise end
            await self._broken(run, end)

    async def _guarded(self, run: Run, work: Awaitable[None]) -> None:
        await self._each(None, {run: work})

    async def _broken(self, run: Run, error: Exception) -> None:
        if passes(error):
            raise error
        await run.fail(error)
        await self._leave(run)

    async def _leave(self, run: Run) -> None:
        """With its session it gives up the lease: the read model may have another run from now on."""
        self._runs.remove(run)
        await run.connection.close()

    async def _finish(self, run: Run) -> None:
        await run.shadow.analyze()
        if run.kind == "verify":
            differences = await self._compared(run)
            failpoints.active and await failpoints.reach("rebuild.before_verdict")
            await run.complete(differences)
        else:
            differences = await self._rebuilt(run)
        LOG.info(
            "run_completed",
            kind=run.kind,
            model=run.model.name,
            events=self._reading.events_done,
            differences=differences.total,
        )
        await self._leave(run)

    # failpoint: none needed (rebuild-transaction)
    async def _compared(self, run: Run) -> Differences:
        """With the live tables as one snapshot shows them, at the place that the same snapshot shows: nobody
        waits for it."""
        await self._tell_of(run, "comparing")
        async with run.connection.transaction(isolation="repeatable_read"):
            await self._come_to_live_place(run)
            tables = (*tables_of(run.model), checkpoint_table(run.model))
            differences = await compare(tables, run.connection)
        await self._tell_of(run)
        return differences

    async def _rebuilt(self, run: Run) -> Differences:
        await self._tell_of(run, "swapping")
        for _ in range(TRIES):
            try:
                return await self._swapped(run)
            except TablesBusy:
                await asyncio.sleep(random.uniform(0.05, 0.5))  # noqa: S311  # jitter, not a secret
        raise TimeoutError("others were writing all the time")

    # failpoint: 2 calls
    async def _swapped(self, run: Run) -> Differences:
        async with run.connection.transaction():
            await lock_writers(run.shadow, run.connection)
            halted = time.monotonic()
            await self._come_to_live_place(run)
            failpoints.active and await failpoints.reach("rebuild.before_swap")
            differences = await swap(run.shadow, run.connection)
            await self._tell_of(run)
            await run.complete(differences)
            await run.connection.execute("SET LOCAL synchronous_commit = on")
            failpoints.active and await failpoints.reach("rebuild.after_swap")
        failpoints.active and await failpoints.reach("rebuild.after_commit")
        LOG.info("projection_paused", model=run.model.name, seconds=round(time.monotonic() - halted, 3))
        return differences

    async def _come_to_live_place(self, run: Run) -> None:
        """As the run's own transaction shows it."""
        await self._up_to(await self._live_place(run), finishing=run)
        await run.loader.settle()
        await run.loader.check()

    async def _tell(self) -> None:
        self._told = time.monotonic()
        for run in self._runs:
            await self._tell_of(run)

    async def _tell_of(self, run: Run, phase: str | None = None) -> None:
        await run.tell(self._reading.events_done, self._total, phase)
