"""Group commit: saves that come at the same time share one transaction."""

from __future__ import annotations

import asyncio
from uuid import UUID

import asyncpg

from kernel.database import is_outage
from kernel.errors import Conflict, DuplicateRequest, KeyClaimed, Overloaded
from kernel.faults import failpoints
from kernel.store.changes import Changes
from kernel.store.commit_recovery import find_commit_outcome
from kernel.store.conflict_detection import key_owners, stored_versions, used_idempotency_keys
from kernel.store.write_batch import WriteBatch
from kernel.store.writing import ENTER_LOG, Connection, lock_timers, write

MAX_BATCH = 128
MAX_QUEUED = 32 * MAX_BATCH
"""Seconds of work: whoever came behind them would have gone before it is done."""

ROLLED_BACK = (
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.InsufficientResourcesError,
)
"""Outages of which the server itself has told: nothing is stored, and its connection is as good as before."""

Outcome = Exception | None


class GroupCommitter:
    """Takes saves from many tasks and stores them together; each learns how its own ended."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], most_waiting: int = MAX_QUEUED) -> None:
        self._pool = pool
        self._most_waiting = most_waiting
        self._waiting: list[tuple[Changes, asyncio.Future[None]]] = []
        self._flushing: asyncio.Task[None] | None = None

    async def save(self, save: Changes) -> None:
        """Return once the save is durable.

        Raises ``Conflict``, ``KeyClaimed`` or ``DuplicateRequest`` if another writer was first;
        ``Overloaded`` if too many are queued; ``CommitOutcomeUnknown`` if the outcome cannot be found out;
        any other error of the database if nothing was stored.
        """
        if not save:
            return
        if len(self._waiting) >= self._most_waiting:
            raise Overloaded(f"{len(self._waiting)} saves are waiting")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((save, done))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush(), name="group commit")
        await done

    async def _flush(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
            outcomes = await self._store([save for save, _ in batch])
            for (_, done), outcome in zip(batch, outcomes, strict=True):
                if done.done():
                    continue  # its caller has gone away; what is stored stays stored
                if outcome is None:
                    done.set_result(None)
                else:
                    done.set_exception(outcome)

    async def _store(self, saves: list[Changes]) -> list[Outcome]:
        """One that the database cannot take at all fails alone."""
        try:
            return await self._store_or_settle(saves)
        except asyncpg.DeadlockDetectedError:
            return await self._store(saves)  # whoever we stood in the way of has gone on
        except Exception as error:
            if is_outage(error) or len(saves) == 1:
                return [error] * len(saves)
            middle = len(saves) // 2
            return await self._store(saves[:middle]) + await self._store(saves[middle:])

    async def _store_or_settle(self, saves: list[Changes]) -> list[Outcome]:
        """Raises what came before anything was sent, and what was certainly rolled back."""
        async with self._pool.acquire() as connection:
            backend = connection.get_server_pid()
            try:
                failpoints.active and await failpoints.hit("append.before_commit")
                outcomes = await self.store_together(connection, saves)
                failpoints.active and await failpoints.hit("append.after_commit")
                return outcomes
            except ROLLED_BACK:
                raise
            except Exception as error:
                if not is_outage(error):
                    raise
                lost = error
        return await find_commit_outcome(self._pool, saves, lost, backend)

    # failpoint: none needed (append), 2 calls
    @staticmethod
    async def store_together(connection: Connection, saves: list[Changes]) -> list[Outcome]:
        """Store these in one transaction; where some come too late, all others. None: it is stored."""
        pile = WriteBatch.of(saves)
        try:
            if pile.is_one_statement:
                await write(connection, pile)
            else:
                async with connection.transaction():
                    await write(connection, pile)
            return [None] * len(saves)
        except (Conflict, KeyClaimed, DuplicateRequest):
            async with connection.transaction():
                await lock_timers(connection, pile)
                await connection.execute(ENTER_LOG)
                outcomes = await _find_conflicts(connection, saves)
                winners = [save for save, lost in zip(saves, outcomes, strict=True) if lost is None]
                await write(connection, WriteBatch.of(winners))
            return outcomes


async def _find_conflicts(connection: Connection, saves: list[Changes]) -> list[Outcome]:
    """Who of them comes too late, in the order in which they came. The log's lock must be held."""
    versions = await stored_versions(connection, {row.stream_id for save in saves for row in save.rows})
    holders = await key_owners(connection, {key for save in saves for key in save.claimed_keys})
    keys = await used_idempotency_keys(connection, saves)
    outcomes: list[Outcome] = []
    for save in saves:
        lost = conflict_of(save, versions, holders, keys)
        outcomes.append(lost)
        if lost is None:
            versions |= {row.stream_id: row.version for row in save.rows}
            holders |= dict.fromkeys(save.released_keys)
            holders |= {key: claim.holder for key, claim in save.claimed_keys.items()}
            if save.answer:
                keys.add(save.answer[:3])
    return outcomes


def conflict_of(
    save: Changes,
    versions: dict[UUID, int],
    holders: dict[tuple[str, str, str], UUID | None],
    keys: set[tuple[str, str, str]],
) -> Outcome:
    if save.answer and save.answer[:3] in keys:
        return DuplicateRequest(save.answer.key)
    reached: dict[UUID, int] = {}
    for row in save.rows:
        if row.version != reached.get(row.stream_id, versions.get(row.stream_id, 0)) + 1:
            return Conflict(f"stream {row.stream_id} has moved on")
        reached[row.stream_id] = row.version
    for key, claim in save.claimed_keys.items():
        holder = None if key in save.released_keys else holders.get(key)
        if holder is not None:
            return KeyClaimed(claim.kind, claim.value, holder)
    return None
