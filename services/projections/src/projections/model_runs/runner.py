"""The loop of a worker: queue the runs of a night when they are due, and carry out one run after the
other."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

import structlog

from kernel.observability.health import Heartbeats
from kernel.observability.metrics.read_models import MODEL_RUN_SECONDS, MODEL_RUNS
from kernel.postgres.connections import is_outage
from kernel.postgres.service_pool import ServicePool
from kernel.service.runtime import run_forever
from projections.model_runs import queue
from projections.model_runs.nightly import Nights
from projections.model_runs.queue import MAX_ATTEMPTS, Ended, Taken

if TYPE_CHECKING:
    from projections.model_runs.fits.outcome import Outcome

LOG = structlog.get_logger()
BEAT = "models"
POLL_SECONDS = 1.0
RENEW_SECONDS = 10.0
"""Between two renewals of the lease, and two heartbeats."""
GIVE_BACK_SECONDS = 2.0
T = TypeVar("T")


class FitOverdue(Exception):
    """A fit goes on beyond its limit of time. Only the end of the process stops its thread."""


class ModelRunner:
    def __init__(
        self, pool: ServicePool, nights: Nights, limit_seconds: float, heartbeats: Heartbeats
    ) -> None:
        """``limit_seconds``: of one run."""
        self._pool = pool
        self._nights = nights
        self._limit = limit_seconds
        self._heartbeats = heartbeats
        heartbeats.register(BEAT)

    async def run(self) -> None:
        """Until cancelled."""
        self._heartbeats.started(BEAT)
        await run_forever(
            self.step, lambda: asyncio.sleep(POLL_SECONDS), lambda: self._heartbeats.beat(BEAT), _on_error
        )

    async def step(self) -> bool:
        """Carry out one run; false if none waits."""
        await self._nights.queue_due()
        run = await queue.take(self._pool)
        if run is None:
            return False
        try:
            with MODEL_RUN_SECONDS.labels(run.model).time():
                await self._carry_out(run)
        except asyncio.CancelledError:
            with suppress(Exception):
                async with asyncio.timeout(GIVE_BACK_SECONDS):
                    await queue.give_back(self._pool, run)
            raise
        return True

    async def _carry_out(self, run: Taken) -> None:
        if run.attempts > MAX_ATTEMPTS:
            await self._end(run, Ended("failed", f"the worker has died {MAX_ATTEMPTS} times over it"))
            return
        keeping = asyncio.create_task(self._keep(run))
        try:
            async with asyncio.timeout(self._limit) as limit:
                await self._fit_and_store(run)
        except TimeoutError:
            if not limit.expired():  # a statement's: the database is slow, and the run is tried again
                raise
            reason = f"it took longer than {self._limit:g} s"
            await self._end(run, Ended("failed", reason))
            raise FitOverdue(reason) from None
        finally:
            keeping.cancel()

    async def _fit_and_store(self, run: Taken) -> None:
        # numpy and scipy take seconds and 80 MB: a worker that has nothing to do does without
        from projections.model_runs import reading, results
        from projections.model_runs.fits import fitting
        from projections.model_runs.fits.outcome import TooFew
        from projections.statistics.fitting import NotFitted

        sales = await reading.read_sales(self._pool, run.tenant, run.currency, run.today)

        def work() -> Outcome:
            return fitting.fit(run.model, sales, run.today)

        try:
            outcome = await in_thread(work)
            if await results.store(self._pool, run, outcome):
                self._count(run, "done", None)
        except TooFew as few:
            await self._end(run, Ended("too_few", str(few)))
        except NotFitted as missing:
            await self._end(run, Ended("failed", str(missing)))
        except MemoryError:
            await self._end(run, Ended("failed", "it needs more memory than the worker may have"))
        except Exception as error:
            if is_outage(error):
                raise
            LOG.exception("model_run_failed", model=run.model, run_id=str(run.run_id))
            await self._end(run, Ended("failed", f"defect: {type(error).__name__}"))

    async def _keep(self, run: Taken) -> None:
        """Renew the lease while the run goes on. A renewal that fails is tried again: the lease is longer."""
        while True:
            self._heartbeats.beat(BEAT)
            with suppress(Exception):
                await queue.renew(self._pool, run)
            await asyncio.sleep(RENEW_SECONDS)

    async def _end(self, run: Taken, how: Ended) -> None:
        async with self._pool.acquire() as connection:
            if await queue.end(connection, run, how):
                self._count(run, how.state, how.reason)

    def _count(self, run: Taken, state: str, reason: str | None) -> None:
        MODEL_RUNS.labels(run.model, state).inc()
        LOG.info("model_run_ended", model=run.model, run_id=str(run.run_id), state=state, reason=reason)


async def in_thread(work: Callable[[], T]) -> T:
    """In a thread that does not keep the process alive: a worker that is stopped ends at once, in the
    middle of a fit."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]  # None only if the work returns None

    def run() -> None:
        try:
            result, error = work(), None
        except BaseException as problem:  # raised where it is awaited
            result, error = None, problem
        with suppress(RuntimeError):  # the loop is closed: the process ends
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="fit", daemon=True).start()
    return await done


def _on_error(error: Exception) -> None:
    """An overdue fit ends the loop, so that the process, which misses its heartbeat, is started again."""
    if isinstance(error, FitOverdue):
        raise error
    if is_outage(error):
        LOG.warning("model_runs_interrupted", error=repr(error))
    else:
        LOG.error("model_runs_failed", exc_info=error)
