"""What an operator can do about a dead letter: retry or discard it."""

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
from kernel.messaging.dead_letters.replay import ACCEPTED_VERSION, Replay
from kernel.messaging.handled_versions import delete_caught_up
from kernel.store.event_store import EventStore, Transaction

LOG = structlog.get_logger()
MAX_REPLAYED = 100
"""Dead letters of one transaction, during which the group's live records wait."""

LOCK_OFFSETS = "SELECT FROM consumer_offset WHERE grp = $1 ORDER BY topic, part FOR UPDATE"
COUNT_REPLAY = "UPDATE consumer_offset SET redriven = redriven + 1 WHERE grp = $1"


class DeadLetterNotFound(NotFound):
    """There is no such parked record."""

    code = "PARKED_NOT_FOUND"


class DeadLetterResolved(Refused):
    """The parked record has already been resolved, by an operator or because it came in order."""

    code = "PARKED_RESOLVED"


class DeadLetterBlocked(Refused):
    """An earlier record of the key is parked and has to be resolved first."""

    code = "PARKED_BEHIND"


class DeadLetterOrphaned(Refused):
    """No consumer reads the parked record's scope any more."""

    code = "PARKED_FOR_NOBODY"


@dataclass(frozen=True, slots=True)
class ReplayResult:
    record: DeadLetter
    """As it is after the replay."""
    handled: int
    failed: int
    waiting: int
    """Other open dead letters of the key."""
    first_waiting: int | None
    """The first of them that this operator may see."""


class DeadLetterAdmin:
    """Locks the group's offsets while it works, so that neither live records nor other operators
    interfere."""

    def __init__(self, store: EventStore, consumers: Mapping[str, Sequence[Handler]]) -> None:
        """``consumers``: group -> the handlers of its live records."""
        self._store = store
        self._consumers = consumers

    async def retry(self, parked_id: int, operator: Context, transaction: Transaction) -> ReplayResult:
        """Replay the dead letter and those that wait behind it; a record that fails stays parked."""
        letter, group = await self._lock(parked_id, operator, transaction)
        if group is None:
            raise DeadLetterOrphaned(
                "No consumer reads this scope any more; the record can only be discarded.",
                scope=letter.scope,
            )
        replay = await self._replay(letter, group, transaction)
        if not replay.blocked_scopes.isdisjoint({letter.scope, group}):
            head, head_tenant = await self._first_ahead(letter, group, transaction)
            visible = head_tenant in {None, operator.tenant}
            members: dict[str, Any] = {"head": head} if visible else {}
            raise DeadLetterBlocked(
                f"An earlier record of this key is parked{': retry or discard it first' if visible else ''}.",
                **members,
            )
        scopes = self._scopes_behind(letter, group)
        await replay.run(await queue.queue_from(letter, scopes, MAX_REPLAYED, transaction.connection))
        return await self._finish(letter, group, operator, transaction, replay, "retry", None)

    # failpoint: none needed (store-transaction)
    async def discard(
        self, parked_id: int, reason: str, operator: Context, transaction: Transaction
    ) -> ReplayResult:
        """Resolve the dead letter without handling it, and replay those that wait for it alone."""
        letter, group = await self._lock(parked_id, operator, transaction)
        await transaction.connection.execute(queue.RESOLVE, letter.parked_id, "discarded", 0)
        replay = None
        if group is not None:
            await self._accept_discarded_version(letter, group, transaction)
            replay = await self._replay(letter, group, transaction)
            scopes = self._scopes_behind(letter, group)
            if letter.record.key is not None:
                await replay.run(await queue.queue_from(letter, scopes, MAX_REPLAYED, transaction.connection))
        return await self._finish(letter, group, operator, transaction, replay, "discard", reason)

    # failpoint: none needed (store-transaction)
    async def _lock(
        self, parked_id: int, operator: Context, transaction: Transaction
    ) -> tuple[DeadLetter, str | None]:
        """The open dead letter and its group, which handles nothing until the end of the transaction."""
        letter = await queue.find(transaction.connection, parked_id)
        if letter is None or letter.tenant not in {None, operator.tenant}:
            raise DeadLetterNotFound("There is no such parked record.")
        group = self._group_of(letter.scope)
        # a scope without a consumer has no offsets and no live records: locking the row below is enough
        await transaction.connection.execute(LOCK_OFFSETS, group or letter.scope)
        await transaction.connection.execute(COUNT_REPLAY, group or letter.scope)
        current = await queue.find_for_update(transaction.connection, parked_id)
        if not current.is_open:
            raise DeadLetterResolved(
                "The parked record has already been resolved.", resolution=current.resolution
            )
        return current, group

    async def _replay(self, letter: DeadLetter, group: str, transaction: Transaction) -> Replay:
        ahead = await queue.first_ahead(letter, self._scopes_behind(letter, group), transaction.connection)
        return Replay(group, self._consumers[group], self._store, transaction, set(ahead))

    async def _first_ahead(
        self, letter: DeadLetter, group: str, transaction: Transaction
    ) -> tuple[int, str | None]:
        ahead = await queue.first_ahead(letter, [letter.scope, group], transaction.connection)
        return min(ahead.values(), key=lambda head: head[0])

    async def _accept_discarded_version(
        self, letter: DeadLetter, group: str, transaction: Transaction
    ) -> None:
        """Count a version that this code cannot read as accepted, so that the next one is no gap."""
        if letter.reason == "future_version" and letter.stream_id is not None and letter.version is not None:
            last: int = await transaction.connection.fetchval(ACCEPTED_VERSION, group, letter.stream_id)
            if letter.version == last + 1:
                versions = {letter.stream_id: letter.version}
                await note_versions(transaction.connection, group, versions, versions if last else ())

    # failpoint: none needed (store-transaction)
    async def _finish(
        self,
        letter: DeadLetter,
        group: str | None,
        operator: Context,
        transaction: Transaction,
        replay: Replay | None,
        act: str,
        reason: str | None,
    ) -> ReplayResult:
        """Store and log the operator's action, and count the dead letters that still wait."""
        connection = transaction.connection
        handled, failed = (replay.handled, replay.failed) if replay else (0, 0)
        scopes = self._scopes_behind(letter, group) if group else [letter.scope]
        if group:
            await delete_caught_up(group, scopes, connection)
        current = await queue.find_for_update(connection, letter.parked_id)
        waiting, first = await queue.others_waiting(letter, scopes, operator.tenant, connection)
        outcome = (
            f"{current.resolution or current.reason}; {handled} handled, {failed} failed, {waiting} waiting"
        )
        action = letter.parked_id, operator.tenant, operator.actor, act, reason, outcome
        await connection.execute(queue.INSERT_ACTION, *action)
        LOG.warning(
            "parked_record_action",
            act=act,
            parked_id=letter.parked_id,
            group=letter.scope,
            by=operator.actor,
            outcome=outcome,
        )
        return ReplayResult(current, handled, failed, waiting, first)

    def _group_of(self, scope: str) -> str | None:
        for group, handlers in self._consumers.items():
            if scope == group or any(handler.scope == scope for handler in handlers):
                return group
        return None

    def _scopes_behind(self, letter: DeadLetter, group: str) -> list[str]:
        """The scopes whose records may have waited for this one."""
        return (
            [group, *(handler.scope for handler in self._consumers[group])]
            if letter.scope == group
            else [letter.scope, group]
        )
