"""Views and exposures of offers. They are collected in the process and stored together, after the responses.

A process that is killed loses those of the last 100 ms; one that is stopped stores them first.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

import structlog

from kernel import ids, waiting
from kernel.command_routes import PreloadKeys
from kernel.context import Context
from kernel.messaging.transient import is_transient
from kernel.observability.health import Heartbeats
from kernel.service.runtime import run_forever
from kernel.store.conflict_retry import retry_on_conflict
from kernel.store.event_store import EventStore
from offer.experiments.domain.exposure import Exposure
from offer.storefront.domain.viewing import Viewing
from pricing.experiments import exposure_id

LOG = structlog.get_logger()
BEAT = "offer views"
INTERVAL = 0.1
MAX_BATCH = 500
MAX_WAITING = 20_000
"""While the database is away. What comes then is not counted."""
MAX_KNOWN = 50_000
STOP_SECONDS = 2.0


class View(NamedTuple):
    context: Context
    offer_id: UUID
    session_id: str | None
    variant_id: UUID | None
    experiment_id: UUID | None = None
    """The experiment to which the session is exposed by it."""

    @property
    def exposure(self) -> UUID | None:
        """The stream of the exposure."""
        if self.experiment_id is None or self.session_id is None or self.variant_id is None:
            return None
        return exposure_id(self.experiment_id, self.session_id)


class ViewWriter:
    def __init__(self, store: EventStore, heartbeats: Heartbeats) -> None:
        self._store = store
        self._heartbeats = heartbeats
        self._waiting: list[View] = []
        self._is_full = asyncio.Event()
        self._known: OrderedDict[UUID, None] = OrderedDict()
        """Exposures that are stored already."""
        heartbeats.register(BEAT)

    def add(self, view: View) -> None:
        if len(self._waiting) < MAX_WAITING:
            self._waiting.append(view)
        if len(self._waiting) >= MAX_BATCH:
            self._is_full.set()

    async def run(self) -> None:
        """Store until cancelled, and then what is left."""
        self._heartbeats.started(BEAT)
        try:
            await run_forever(
                self.store_next_batch,
                pause=self._rest,
                beat=lambda: self._heartbeats.beat(BEAT),
                on_error=_log_defect,
            )
        finally:
            async with asyncio.timeout(STOP_SECONDS):
                while await self.store_next_batch():
                    pass

    async def store_next_batch(self) -> bool:
        """True if more than one batch was waiting."""
        batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
        if not batch:
            return False
        try:
            await retry_on_conflict(lambda: self._store_together(batch))
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError) or is_transient(error):
                self._waiting = batch + self._waiting
            raise
        return len(self._waiting) >= MAX_BATCH

    # failpoint: none needed (append)
    async def _store_together(self, batch: list[View]) -> None:
        """In one save. An exposure that another process stores first is read again, and not stored twice."""
        work = await self._store.begin(batch[0].context)
        new = [view for view in batch if view.exposure is not None and view.exposure not in self._known]
        await work.preload_for((view.context, _streams(view)) for view in new)
        for view in batch:
            work.switch_context(view.context)
            work.create(Viewing, ids.new_id()).show(view.offer_id, view.session_id, view.variant_id)
        for view in new:
            work.switch_context(view.context)
            if view.exposure and view.experiment_id and view.variant_id:
                exposure = await work.open(Exposure, view.exposure)
                exposure.show(view.offer_id, view.experiment_id, view.variant_id, view.session_id)
        await self._store.commit(work)
        self._remember(view.exposure for view in new if view.exposure)

    def _remember(self, exposures: Iterable[UUID]) -> None:
        self._known |= dict.fromkeys(exposures)
        while len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)

    async def _rest(self) -> None:
        await waiting.jitter_or(self._is_full, INTERVAL / 2, INTERVAL)
        self._is_full.clear()


def _streams(view: View) -> PreloadKeys:
    if view.exposure is not None:
        yield Exposure, view.exposure


def _log_defect(error: Exception) -> None:
    if is_transient(error):
        LOG.warning("offer_views_delayed", error=repr(error))
    else:
        LOG.exception("offer_views_lost")
