"""Coordinate several runs: the topics are read once, and each run loads its own shadow from them.

A failure of one run ends only that run.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Mapping, Sequence

import structlog
from aiokafka import TopicPartition

from kernel import waiting
from kernel.faults import failpoints
from kernel.messaging.transient import is_transient
from kernel.projections.rebuild.deduplication import Classified, classify
from kernel.projections.rebuild.diff import Differences, checkpoint_table, compare, compared_tables
from kernel.projections.rebuild.run import Run
from kernel.projections.rebuild.swap import TablesBusy, lock_writers, swap
from kernel.projections.rebuild.topic_reader import TopicReader

LOG = structlog.get_logger()
MAX_REMAINING = 2000
"""Records left to read while the live projector waits (rebuild) or inside its snapshot (verify)."""
REPORT_SECONDS = 0.3
MAX_SWAP_TRIES = 20


class RunCoordinator:
    def __init__(self, runs: Sequence[Run], reader: TopicReader) -> None:
        self._runs = list(runs)
        self._reader = reader
        self._total = 0
        self._reported_at = 0.0

    async def run(self) -> None:
        for run in list(self._runs):
            await self._isolated(run, run.begin())
        await self._catch_up()
        for run in list(self._runs):
            if run in self._runs:
                await self._isolated(run, self._finish(run))

    async def _catch_up(self) -> None:
        """Read until at most ``MAX_REMAINING`` records are left before the live consumer's offsets."""
        while self._runs:
            try:
                targets = await self._live_offsets(self._runs[0])
            except Exception as error:
                await self._drop_failed(self._runs[0], error)
                continue
            await self._report_all()
            if self._total - self._reader.events_done < MAX_REMAINING:
                return
            await self._read_up_to(targets)

    async def _live_offsets(self, run: Run) -> Mapping[TopicPartition, int]:
        targets = await self._reader.live_offsets(run.connection)
        self._total = self._reader.total(targets)
        return targets

    async def _read_up_to(self, targets: Mapping[TopicPartition, int], finishing: Run | None = None) -> None:
        """Errors of the run that is ``finishing`` are raised, so that its transaction rolls back."""
        await self._for_all({run: run.loader.refresh_skipped() for run in self._runs}, finishing)
        async for heads, unreadable in self._reader.pages(targets):
            if not self._runs:
                return
            seen = await self._runs[0].shadow.seen({head.fact[0] for head in heads})
            await self._load(classify(heads, seen, unreadable), finishing)
            if finishing is None and time.monotonic() - self._reported_at > REPORT_SECONDS:
                await self._report_all()

    async def _load(self, page: Classified, finishing: Run | None) -> None:
        await self._for_all({run: run.loader.load(page) for run in self._runs}, finishing)

    async def _for_all(self, work: Mapping[Run, Awaitable[None]], finishing: Run | None = None) -> None:
        outcomes = await asyncio.gather(*work.values(), return_exceptions=True)
        for run, outcome in zip(work, outcomes, strict=True):
            if outcome is None:
                continue
            if run is finishing or not isinstance(outcome, Exception):
                raise outcome
            await self._drop_failed(run, outcome)

    async def _isolated(self, run: Run, work: Awaitable[None]) -> None:
        await self._for_all({run: work})

    async def _drop_failed(self, run: Run, error: Exception) -> None:
        """Raises transient errors: they end the worker, and the supervisor starts the runs again."""
        if is_transient(error):
            raise error
        await run.fail(error)
        await self._release(run)

    async def _release(self, run: Run) -> None:
        """Closing the session releases the lease: the read model may have another run from now on."""
        self._runs.remove(run)
        await run.connection.close()

    async def _finish(self, run: Run) -> None:
        await run.shadow.analyze()
        if run.kind == "verify":
            differences = await self._verify(run)
            failpoints.active and await failpoints.hit("rebuild.before_verdict")
            await run.complete(differences)
        else:
            differences = await self._swap_with_retries(run)
        LOG.info(
            "run_completed",
            kind=run.kind,
            model=run.model.name,
            events=self._reader.events_done,
            differences=differences.total,
        )
        await self._release(run)

    # failpoint: none needed (rebuild-transaction)
    async def _verify(self, run: Run) -> Differences:
        """Compare with the live tables in one snapshot, at the offsets of that snapshot. Blocks no writer."""
        await self._report(run, "comparing")
        async with run.connection.transaction(isolation="repeatable_read"):
            await self._reach_live_offsets(run)
            tables = (*compared_tables(run.model), checkpoint_table(run.model))
            differences = await compare(tables, run.connection)
        await self._report(run)
        return differences

    async def _swap_with_retries(self, run: Run) -> Differences:
        await self._report(run, "swapping")
        for _ in range(MAX_SWAP_TRIES):
            try:
                return await self._swap(run)
            except TablesBusy:
                await waiting.jitter(0.05, 0.5)
        raise TimeoutError("the tables were locked by other writers at every try")

    # failpoint: 2 calls
    async def _swap(self, run: Run) -> Differences:
        async with run.connection.transaction():
            await lock_writers(run.shadow, run.connection)
            locked_at = time.monotonic()
            await self._reach_live_offsets(run)
            failpoints.active and await failpoints.hit("rebuild.before_swap")
            differences = await swap(run.shadow, run.connection)
            await self._report(run)
            await run.complete(differences)
            await run.connection.execute("SET LOCAL synchronous_commit = on")
            failpoints.active and await failpoints.hit("rebuild.after_swap")
        failpoints.active and await failpoints.hit("rebuild.after_commit")
        LOG.info("projection_paused", model=run.model.name, seconds=round(time.monotonic() - locked_at, 3))
        return differences

    async def _reach_live_offsets(self, run: Run) -> None:
        """Read up to the offsets that the run's own transaction sees."""
        await self._read_up_to(await self._live_offsets(run), finishing=run)
        await run.loader.apply_released()
        await run.loader.check_complete()

    async def _report_all(self) -> None:
        self._reported_at = time.monotonic()
        for run in self._runs:
            await self._report(run)

    async def _report(self, run: Run, phase: str | None = None) -> None:
        await run.report_progress(self._reader.events_done, self._total, phase)
