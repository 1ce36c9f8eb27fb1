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
from kernel.projections.rebuild.swap import TablesBusy, carry_forward, lock_writers, swap
from kernel.projections.rebuild.topic_reader import Offsets, TopicReader

LOG = structlog.get_logger()
MAX_REMAINING = 2000
"""Records left to read while the live projector waits (rebuild) or inside its database snapshot (verify)."""
REPORT_SECONDS = 0.3
MAX_TRIES = 20


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
        for _ in range(MAX_TRIES):
            for run in list(self._runs):
                if run in self._runs:
                    await self._isolated(run, self._try_to_finish(run))
            if not self._runs:
                return
            await waiting.jitter(0.05, 0.5)
        raise TimeoutError("the live tables were locked or behind at every try")

    async def _catch_up(self) -> None:
        """Read until at most ``MAX_REMAINING`` records are left before the furthest live offsets."""
        while self._runs:
            targets = await self._furthest_offsets()
            await self._report_all()
            if self._total - self._reader.events_done < MAX_REMAINING:
                return
            await self._read_up_to(targets)

    async def _furthest_offsets(self) -> Mapping[TopicPartition, int]:
        """In each partition those of the read model that is furthest."""
        furthest: dict[TopicPartition, int] = {}
        for run in list(self._runs):
            try:
                others = await self._reader.other_offsets(run.topics, run.connection)
                for partition, offset in (others | await self._live_offsets(run)).items():
                    furthest[partition] = max(offset, furthest.get(partition, 0))
            except Exception as error:
                await self._drop_failed(run, error)
        self._total = self._reader.total(self._reader.reached(furthest))
        return furthest

    async def _live_offsets(self, run: Run) -> Offsets:
        return await self._reader.live_offsets(run.model.scope, run.topics, run.connection)

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

    async def _try_to_finish(self, run: Run) -> None:
        """A run whose live tables are busy is tried again after the others."""
        await run.shadow.analyze()
        if run.kind == "verify":
            await self._report(run, "comparing")
            differences = await self._verify(run)
            if differences is None:
                return
            await self._report(run)
            failpoints.active and await failpoints.hit("rebuild.before_verdict")
            await run.complete(differences)
        else:
            await self._report(run, "swapping")
            try:
                differences = await self._swap(run)
            except TablesBusy:
                return
        LOG.info(
            "run_completed",
            kind=run.kind,
            model=run.model.name,
            events=self._reader.events_done,
            differences=differences.total,
        )
        await self._release(run)

    # failpoint: none needed (rebuild-transaction)
    async def _verify(self, run: Run) -> Differences | None:
        """Compare with the live tables in one database snapshot, at its offsets. Blocks no writer.
        None if the topics were read further, for another run, than this read model has applied."""
        async with run.connection.transaction(isolation="repeatable_read"):
            live = await self._live_offsets(run)
            if live != self._reader.reached(live):
                return None
            await self._reach(run, live)
            tables = (*compared_tables(run.model), checkpoint_table(run.model))
            return await compare(tables, run.connection)

    # failpoint: 2 calls
    async def _swap(self, run: Run) -> Differences:
        async with run.connection.transaction():
            await lock_writers(run.shadow, run.connection)
            locked_at = time.monotonic()
            live = await self._live_offsets(run)
            reached = self._reader.reached(live)
            await self._reach(run, reached)
            failpoints.active and await failpoints.hit("rebuild.before_swap")
            if reached != live:
                await carry_forward(run.shadow, reached, self._reader.cluster_id, run.connection)
            differences = await swap(run.shadow, run.connection)
            await self._report(run)
            await run.complete(differences)
            await run.connection.execute("SET LOCAL synchronous_commit = on")
            failpoints.active and await failpoints.hit("rebuild.after_swap")
        failpoints.active and await failpoints.hit("rebuild.after_commit")
        LOG.info("projection_paused", model=run.model.name, seconds=round(time.monotonic() - locked_at, 3))
        return differences

    async def _reach(self, run: Run, offsets: Offsets) -> None:
        """Read up to ``offsets`` of the run's topics, in the run's own transaction."""
        targets = offsets | await self._reader.other_offsets(run.topics, run.connection)
        self._total = self._reader.events_done + self._reader.remaining(targets)
        await self._read_up_to(targets, finishing=run)
        await run.loader.apply_released()
        await run.loader.check_complete()

    async def _report_all(self) -> None:
        self._reported_at = time.monotonic()
        for run in self._runs:
            await self._report(run)

    async def _report(self, run: Run, phase: str | None = None) -> None:
        await run.report_progress(self._reader.events_done, self._total, phase)
