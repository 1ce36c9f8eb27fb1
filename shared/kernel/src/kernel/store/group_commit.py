"""Group commit: units of work that end at the same time share one database transaction."""

from __future__ import annotations

import asyncio
import time
from uuid import UUID

import asyncpg

from kernel.errors import Conflict, DuplicateRequest, KeyClaimed, Overloaded
from kernel.faults import failpoints
from kernel.observability import tracing
from kernel.observability.metrics.log import APPEND_BATCH, APPEND_DURATION
from kernel.postgres.connections import is_outage
from kernel.store.changes import Changes
from kernel.store.commit_recovery import find_commit_outcome
from kernel.store.conflict_counting import count_conflict
from kernel.store.conflict_detection import key_owners, stored_versions, used_idempotency_keys
from kernel.store.write_batch import WriteBatch
from kernel.store.writing import ENTER_LOG, Connection, lock_timers, write

MAX_BATCH = 128
MAX_QUEUED = 32 * MAX_BATCH
"""Queue limit: seconds of work. A caller behind more than this would have given up before its commit."""

ROLLED_BACK = (
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.InsufficientResourcesError,
)
"""Outages that the server itself has reported: nothing is stored, and the connection can be used again."""

Outcome = Exception | None
"""None: stored."""


class GroupCommitter:
    """Takes changes from many tasks and stores them together; each task gets its own outcome."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], max_queued: int = MAX_QUEUED) -> None:
        self._pool = pool
        self._max_queued = max_queued
        self._queue: list[tuple[Changes, asyncio.Future[None]]] = []
        self._flushing: asyncio.Task[None] | None = None

    async def commit(self, changes: Changes) -> None:
        """Return once the changes are durable.

        Raises ``Conflict``, ``KeyClaimed`` or ``DuplicateRequest`` if another writer was first;
        ``Overloaded`` if too many are queued; ``CommitOutcomeUnknown`` if the outcome cannot be found out;
        any other error of the database if nothing was stored.
        """
        if not changes:
            return
        if len(self._queue) >= self._max_queued:
            raise Overloaded(f"{len(self._queue)} commits are waiting")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((changes, done))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush(), name="group commit")
        await done

    async def _flush(self) -> None:
        while self._queue:
            batch, self._queue = self._queue[:MAX_BATCH], self._queue[MAX_BATCH:]
            outcomes = await self._store([changes for changes, _ in batch])
            for (_, done), outcome in zip(batch, outcomes, strict=True):
                if outcome is not None:
                    count_conflict(outcome)
                if done.done():
                    continue  # its caller was cancelled; what is stored stays stored
                if outcome is None:
                    done.set_result(None)
                else:
                    done.set_exception(outcome)

    async def _store(self, batch: list[Changes]) -> list[Outcome]:
        """Store the batch; bisect it on an error of the database, so that the culprit fails alone."""
        try:
            return await self._store_traced(batch)
        except asyncpg.DeadlockDetectedError:
            return await self._store(batch)  # the other transaction of the deadlock has gone on
        except Exception as error:
            if is_outage(error) or len(batch) == 1:
                return [error] * len(batch)
            middle = len(batch) // 2
            return await self._store(batch[:middle]) + await self._store(batch[middle:])

    async def _store_traced(self, batch: list[Changes]) -> list[Outcome]:
        if not tracing.active:
            return await self._store_or_recover(batch)
        # one transaction of many requests: it is linked to all of them, and a part of none
        causes = {row.traceparent for changes in batch for row in changes.rows if row.traceparent}
        with tracing.span(
            "append", "internal", links=causes, attributes={"messaging.batch.message_count": len(batch)}
        ):
            return await self._store_or_recover(batch)

    async def _store_or_recover(self, batch: list[Changes]) -> list[Outcome]:
        """Raises errors from before anything was sent, and those after which everything is rolled back; after
        any other outage the outcomes come from commit recovery."""
        async with self._pool.acquire() as connection:
            backend = connection.get_server_pid()
            began = time.perf_counter()
            try:
                failpoints.active and await failpoints.hit("append.before_commit")
                outcomes = await self.store_together(connection, batch)
                failpoints.active and await failpoints.hit("append.after_commit")
                APPEND_DURATION.observe(time.perf_counter() - began)
                stored = zip(batch, outcomes, strict=True)
                APPEND_BATCH.observe(sum(len(it.rows) for it, outcome in stored if outcome is None))
                return outcomes
            except ROLLED_BACK:
                raise
            except Exception as error:
                if not is_outage(error):
                    raise
                outage = error
        return await find_commit_outcome(self._pool, batch, outage, backend)

    # failpoint: none needed (append), 2 calls
    @staticmethod
    async def store_together(connection: Connection, batch: list[Changes]) -> list[Outcome]:
        """Store the batch in one transaction; if some units of work conflict, store all others."""
        rows = WriteBatch.of(batch)
        try:
            if rows.is_one_statement:
                await write(connection, rows)
            else:
                async with connection.transaction():
                    await write(connection, rows)
            return [None] * len(batch)
        except (Conflict, KeyClaimed, DuplicateRequest):
            async with connection.transaction():
                await lock_timers(connection, rows)
                await connection.execute(ENTER_LOG)
                outcomes = await _find_conflicts(connection, batch)
                accepted = [it for it, conflict in zip(batch, outcomes, strict=True) if conflict is None]
                await write(connection, WriteBatch.of(accepted))
            return outcomes


async def _find_conflicts(connection: Connection, batch: list[Changes]) -> list[Outcome]:
    """The conflict of each unit of work: of two that conflict with each other the earlier one is
    stored. The log's lock must be held."""
    versions = await stored_versions(connection, {row.stream_id for changes in batch for row in changes.rows})
    owners = await key_owners(connection, {key for changes in batch for key in changes.claimed_keys})
    used_keys = await used_idempotency_keys(connection, batch)
    outcomes: list[Outcome] = []
    for changes in batch:
        conflict = conflict_of(changes, versions, owners, used_keys)
        outcomes.append(conflict)
        if conflict is None:
            versions |= {row.stream_id: row.version for row in changes.rows}
            owners |= dict.fromkeys(changes.released_keys)
            owners |= {key: claim.holder for key, claim in changes.claimed_keys.items()}
            if changes.response:
                used_keys.add(changes.response[:3])
    return outcomes


def conflict_of(
    changes: Changes,
    versions: dict[UUID, int],
    owners: dict[tuple[str, str, str], UUID | None],
    used_keys: set[tuple[str, str, str]],
) -> Outcome:
    """The first conflict of these changes with what is stored; None if there is none."""
    if changes.response and changes.response[:3] in used_keys:
        return DuplicateRequest(changes.response.key)
    reached: dict[UUID, int] = {}
    for row in changes.rows:
        if row.version != reached.get(row.stream_id, versions.get(row.stream_id, 0)) + 1:
            return Conflict(f"stream {row.stream_id} has moved on")
        reached[row.stream_id] = row.version
    for key, claim in changes.claimed_keys.items():
        owner = None if key in changes.released_keys else owners.get(key)
        if owner is not None:
            return KeyClaimed(claim.kind, claim.value, owner)
    return None
