"""What an operator can do about a parked record: have it handled again, or give it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from kernel.context import Context
from kernel.domain import NotFound, Refused
from kernel.messaging.batch import Handler
from kernel.messaging.batch_transaction import note_versions
from kernel.messaging.dead_letters import queue
from kernel.messaging.dead_letters.model import DeadLetter
from kernel.messaging.dead_letters.replay import SEEN, Replay
from kernel.messaging.handled_versions import forget_caught_up
from kernel.store.event_store import EventStore, Transaction

LOG = structlog.get_logger()
PORTION = 100
"""So many are handled in one transaction; the group's live records wait for its end."""

HOLD = "SELECT FROM consumer_offset WHERE grp = $1 ORDER BY topic, part FOR UPDATE"
RAISE = "UPDATE consumer_offset SET redriven = redriven + 1 WHERE grp = $1"


class DeadLetterNotFound(NotFound):
    """There is no such parked record."""

    code = "PARKED_NOT_FOUND"


class DeadLetterResolved(Refused):
    """Somebody has been there before, or it was handled in its turn."""

    code = "PARKED_RESOLVED"


class DeadLetterBlocked(Refused):
    """An earlier record of the key has to be seen to first."""

    code = "PARKED_BEHIND"


class DeadLetterOrphaned(Refused):
    """The consumer that it was parked for does not exist any more."""

    code = "PARKED_FOR_NOBODY"


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What came of it: this record as it is now, and how many of the key's others wait still."""

    record: DeadLetter
    handled: int
    failed: int
    waiting: int
    first_waiting: int | None
    """Where to go on, if that is this operator's."""


class DeadLetterAdmin:
    """Holds the group while it works, so that no live record overtakes, nor another operator interferes."""

    def __init__(self, store: EventStore, consumers: Mapping[str, Sequence[Handler]]) -> None:
        """``consumers``: by group, the handlers that its live records are given to."""
        self._store = store
        self._consumers = consumers

    async def retry(self, parked_id: int, operator: Context, transaction: Transaction) -> ReplayResult:
        """Handle it, and then what waits behind it; what fails stays parked."""
        it, group = await self._held(parked_id, operator, transaction)
        if group is None:
            raise DeadLetterOrphaned(
                "No consumer reads this scope any more; the record can only be discarded.", scope=it.scope
            )
        redrive = await self._redrive(it, group, transaction)
        if not redrive.stopped.isdisjoint({it.scope, group}):
            head, its_tenant = await self._first_ahead(it, group, transaction)
            visible = its_tenant in {None, operator.tenant}
            members: dict[str, Any] = {"head": head} if visible else {}
            raise DeadLetterBlocked(
                "An earlier record of this key is parked: retry or discard it first.", **members
            )
        await redrive.run(
            await queue.queue_from(it, self._scopes_behind(it, group), PORTION, transaction.connection)
        )
        return await self._done(it, group, operator, transaction, redrive, "retry", None)

    # failpoint: none needed (store-transaction)
    async def discard(
        self, parked_id: int, reason: str, operator: Context, transaction: Transaction
    ) -> ReplayResult:
        """Give it up for good; what has waited for it alone is handled now."""
        it, group = await self._held(parked_id, operator, transaction)
        await transaction.connection.execute(queue.RESOLVED, it.parked_id, "discarded", 0)
        redrive = None
        if group is not None:
            await self._step_over(it, group, transaction)
            redrive = await self._redrive(it, group, transaction)
            scopes = self._scopes_behind(it, group)
            if it.record.key is not None:
                await redrive.run(await queue.queue_from(it, scopes, PORTION, transaction.connection))
        return await self._done(it, group, operator, transaction, redrive, "discard", reason)

    # failpoint: none needed (store-transaction)
    async def _held(
        self, parked_id: int, operator: Context, transaction: Transaction
    ) -> tuple[DeadLetter, str | None]:
        """The open record and its group, which stands still from here to the end of the transaction."""
        it = await queue.find(transaction.connection, parked_id)
        if it is None or it.tenant not in {None, operator.tenant}:
            raise DeadLetterNotFound("no such parked record")
        group = self._group_of(it.scope)
        # a scope that nobody reads for has no live records: then the row itself is enough to hold
        await transaction.connection.execute(HOLD, group or it.scope)
        await transaction.connection.execute(RAISE, group or it.scope)
        now = await queue.find_and_hold(transaction.connection, parked_id)
        if not now.is_open:
            raise DeadLetterResolved("it has been resolved already", resolution=now.resolution)
        return now, group

    async def _redrive(self, it: DeadLetter, group: str, transaction: Transaction) -> Replay:
        ahead = await queue.ahead_of(it, self._scopes_behind(it, group), transaction.connection)
        return Replay(group, self._consumers[group], self._store, transaction, set(ahead))

    async def _first_ahead(
        self, it: DeadLetter, group: str, transaction: Transaction
    ) -> tuple[int, str | None]:
        ahead = await queue.ahead_of(it, [it.scope, group], transaction.connection)
        return min(ahead.values(), key=lambda found: found[0])

    async def _step_over(self, it: DeadLetter, group: str, transaction: Transaction) -> None:
        """A version that this code cannot read and nobody wants any more: the next one is not too early."""
        if it.reason == "future_version" and it.stream_id is not None and it.version is not None:
            seen: int = await transaction.connection.fetchval(SEEN, group, it.stream_id)
            if it.version == seen + 1:
                await note_versions(transaction.connection, group, {it.stream_id: it.version})

    # failpoint: none needed (store-transaction)
    async def _done(
        self,
        it: DeadLetter,
        group: str | None,
        operator: Context,
        transaction: Transaction,
        redrive: Replay | None,
        act: str,
        reason: str | None,
    ) -> ReplayResult:
        handled, failed = (redrive.handled, redrive.failed) if redrive else (0, 0)
        scopes = self._scopes_behind(it, group) if group else [it.scope]
        if group:
            await forget_caught_up(group, scopes, transaction.connection)
        now = await queue.find_and_hold(transaction.connection, it.parked_id)
        waiting, first = await queue.waiting_beside(it, scopes, operator.tenant, transaction.connection)
        outcome = f"{now.resolution or now.reason}; {handled} handled, {failed} failed, {waiting} waiting"
        told = it.parked_id, operator.tenant, operator.actor, act, reason, outcome
        await transaction.connection.execute(queue.ACT, *told)
        LOG.warning(
            "parked_record_action",
            act=act,
            parked_id=it.parked_id,
            group=it.scope,
            by=operator.actor,
            outcome=outcome,
        )
        return ReplayResult(now, handled, failed, waiting, first)

    def _group_of(self, scope: str) -> str | None:
        for group, handlers in self._consumers.items():
            if scope == group or any(it.scope == scope for it in handlers):
                return group
        return None

    def _scopes_behind(self, it: DeadLetter, group: str) -> list[str]:
        """Whose records may have waited for this one."""
        return (
            [group, *(one.scope for one in self._consumers[group])]
            if it.scope == group
            else [it.scope, group]
        )
