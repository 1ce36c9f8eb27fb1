"""The clock of a stack: one service, its keeper, moves the clocks of all services together, step by step.

A move is recorded first (``move``) and then carried out by a loop of the keeper. All its acts are absolute:
a clock is set to a shift and never back, so that after a crash, and by two replicas at once, they can be
repeated. A step makes the next timers due, over all services; the step after it begins once nothing is due or
under way any more. So what comes due fires in the order of its due times, with what it causes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Coroutine
from datetime import datetime
from typing import Any

import structlog

from kernel import waiting
from kernel.clock import move as moves
from kernel.clock.move import Move
from kernel.clock.peers import Peers
from kernel.clock.service_clock import ServiceClock
from kernel.clock.state import MAX_GROUP, ClockState, Question, Survey, group_of, shift_at
from kernel.clock.topic_ends import TopicEnds
from kernel.observability.health import Heartbeats
from kernel.postgres.connections import is_outage
from kernel.postgres.service_pool import ServicePool
from kernel.service.runtime import run_forever
from kernel.service.settings import ServiceSettings
from kernel.store.clock import REFRESH_SECONDS

LOG = structlog.get_logger()
BEAT = "clock"
POLL_SECONDS = 1.0
"""Between two looks for a move that another replica, or this one before a crash, has recorded."""
SURVEY_SECONDS = 0.02
"""Between two surveys while something is under way."""
STILL_SECONDS = 0.05
"""Between two looks of a caller who waits for the end of a move."""
MAX_UNREAD_SECONDS = 15.0
"""After which a step no longer waits for messages, so that a move ends in a stack that is in use. What is due
is waited for without limit."""


class StackClock:
    def __init__(
        self,
        service: str,
        settings: ServiceSettings,
        pool: ServicePool,
        heartbeats: Heartbeats,
        recurring: Collection[str] = (),
    ) -> None:
        """The keeper is the first service of ``settings.clock_urls``; without them there is no clock to
        move. ``recurring``: see ``ServiceClock``."""
        self.own = ServiceClock(pool, recurring)
        self.secret = settings.clock_secret
        self._service = service
        self._urls = settings.clock_addresses
        self._peers = Peers(self._urls, self.secret)
        self._ends = TopicEnds(settings.kafka)
        self._pool = pool
        self._heartbeats = heartbeats
        self._wake = asyncio.Event()
        if self.is_keeper:
            heartbeats.register(BEAT)

    @property
    def is_movable(self) -> bool:
        return self._service in self._urls

    @property
    def is_keeper(self) -> bool:
        return self._service == next(iter(self._urls), None)

    @property
    def keeper_url(self) -> str:
        return next(iter(self._urls.values()))

    def loops(self) -> list[Coroutine[Any, Any, None]]:
        """What a service runs beside its other loops."""
        return [self.run()] if self.is_keeper else []

    def wake(self) -> None:
        """Carry out a move that has just been recorded."""
        self._wake.set()

    async def survey(self) -> tuple[Move, Survey]:
        """The last move, and the states of all clocks with the next due time of each service."""
        move = await moves.read(self._pool)
        return move, await self._survey(Question(1, moves.LATEST, moves.LATEST))

    async def until_still(self) -> None:
        """Wait for the end of the move."""
        while (await moves.read(self._pool)).state != "still":  # noqa: ASYNC110  # another process may end it
            await asyncio.sleep(STILL_SECONDS)

    async def run(self) -> None:
        """Carry out moves until cancelled; one that fails is continued after a pause."""
        self._heartbeats.started(BEAT)
        try:
            await run_forever(
                self._carry_out_recorded,
                pause=self._rest,
                beat=lambda: self._heartbeats.beat(BEAT),
                on_error=_log_interruption,
            )
        finally:
            await self._peers.close()
            await self._ends.close()

    async def _rest(self) -> None:
        await waiting.wait_at_most(self._wake, POLL_SECONDS)
        self._wake.clear()

    async def _carry_out_recorded(self) -> bool:
        """Carry out the move that is recorded; false if there is none."""
        move = await moves.read(self._pool)
        if move.state == "resetting":
            await self._reset(move)
        elif move.state == "moving" and move.reaches is not None:
            await self._advance(move, move.reaches)
        return move.state != "still"

    async def _advance(self, move: Move, target: datetime) -> None:
        began = time.monotonic()
        group, steps, reached = 1, 0, move.now
        while True:
            survey = await self._settled(Question(group, reached, target))
            if not survey.is_level:  # an earlier attempt has ended in the middle of a step
                await self._move_all(survey.furthest)
            elif group_of(survey.upcoming) > group:
                group = group_of(survey.upcoming)
            elif (due := survey.next_due(group)) is not None:
                await self._move_all(shift_at(due, survey.states[self._service]))
                steps, reached = steps + 1, due
                group = min(2 * group, MAX_GROUP) if survey.is_overtaken else group
            else:
                break
        await self._move_all(shift_at(target, survey.states[self._service]))
        await self._settled(Question(0, target, target), everywhere=True)
        # by then other replicas have read the time anew, too
        await asyncio.sleep(REFRESH_SECONDS)
        await moves.finish(self._pool, move)
        took = round(time.monotonic() - began, 3)
        LOG.info("clock_moved", to=target.isoformat(), steps=steps, seconds=took)

    async def _reset(self, move: Move) -> None:
        """The own clock is the last: until then it shows where the others were."""
        survey = await self._survey(Question(0, move.now, move.now))
        is_empty = survey.is_empty
        for name in self._others:
            is_empty = is_empty and await self._peers.reset(name)
        if not (is_empty and await self.own.reset()):
            await moves.give_up_reset(self._pool)
            return
        await asyncio.sleep(REFRESH_SECONDS)
        await moves.finish(self._pool, move)

    async def _settled(self, question: Question, *, everywhere: bool = False) -> Survey:
        """Wait until two surveys, one after the other, find nothing due and nothing unread, and the same
        positions: then nothing was under way between them. Returns sooner if further timers come due faster
        than that."""
        patience = time.monotonic() + MAX_UNREAD_SECONDS
        quiet: object = None
        while True:
            self._heartbeats.beat(BEAT)
            survey = await self._survey(question)
            unread = survey.unread(everywhere=everywhere)
            if survey.due_work():
                patience, quiet = time.monotonic() + MAX_UNREAD_SECONDS, None
            elif survey.is_overtaken and not everywhere:
                return survey
            elif time.monotonic() > patience:
                LOG.warning("clock_does_not_wait", unread=unread)
                return survey
            elif unread:
                quiet = None
            elif quiet == (marks := survey.marks(everywhere=everywhere)):
                return survey
            else:
                quiet = marks
                continue
            await asyncio.sleep(SURVEY_SECONDS)

    async def _survey(self, question: Question) -> Survey:
        async def state(name: str) -> tuple[str, ClockState]:
            if name == self._service:
                return name, await self.own.state(question)
            return name, await self._peers.state(name, question)

        states = dict(await asyncio.gather(*map(state, self._urls)))
        read = {(topic, part) for it in states.values() for _, topic, part, _ in it.places}
        return Survey(states, await self._ends.read(read))

    async def _move_all(self, shift: int) -> None:
        await asyncio.gather(self.own.move(shift), *(self._peers.move(name, shift) for name in self._others))

    @property
    def _others(self) -> list[str]:
        return [name for name in self._urls if name != self._service]


def _log_interruption(error: Exception) -> None:
    if is_outage(error):
        LOG.warning("clock_move_interrupted", error=repr(error))
    else:
        LOG.error("clock_move_failed", exc_info=error)
