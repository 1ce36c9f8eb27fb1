"""Group commit: saves that come at the same time share one transaction."""

from __future__ import annotations

import asyncio
from uuid import UUID

import asyncpg

from kernel.database import is_outage
from kernel.errors import Claimed, Conflict, KeyTaken, Overloaded
from kernel.faults import failpoints
from kernel.store.pile import Pile
from kernel.store.save import Save
from kernel.store.settling import settle
from kernel.store.taken import taken_holders, taken_keys, taken_versions
from kernel.store.writing import ENTER_LOG, Connection, lock_timers, write

MOST_AT_ONCE = 128
MOST_WAITING = 32 * MOST_AT_ONCE
"""Seconds of work: whoever came behind them would have gone before it is done."""

ROLLED_BACK = (
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.InsufficientResourcesError,
)
"""Outages of which the server itself has told: nothing is stored, and its connection is as good as before."""

Outcome = Exception | None


class Committer:
    """Takes saves from many tasks and stores them together; each learns how its own ended."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], most_waiting: int = MOST_WAITING) -> None:
        self._pool = pool
        self._most_waiting = most_waiting
        self._waiting: list[tuple[Save, asyncio.Future[None]]] = []
        self._flushing: asyncio.Task[None] | None = None

    async def save(self, save: Save) -> None:
        """Return once the save is durable.

        Raises ``Conflict``, ``Claimed`` or ``KeyTaken`` if somebody else was first; ``Overloaded`` if too
        many wait; ``Unsettled`` if it may or may not have happened; whatever else the database raises if it
        has not.
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
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            outcomes = await self._store([save for save, _ in batch])
            for (_, done), outcome in zip(batch, outcomes, strict=True):
                if done.done():
                    continue  # its caller has gone away; what is stored stays stored
                if outcome is None:
                    done.set_result(None)
                else:
                    done.set_exception(outcome)

    async def _store(self, saves: list[Save]) -> list[Outcome]:
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

    async def _store_or_settle(self, saves: list[Save]) -> list[Outcome]:
        """Raises what came before anything was sent, and what was certainly rolled back."""
        async with self._pool.acquire() as connection:
            backend = connection.get_server_pid()
            try:
                failpoints.active and await failpoints.reach("append.before_commit")
                outcomes = await self.store_together(connection, saves)
                failpoints.active and await failpoints.reach("append.after_commit")
                return outcomes
            except ROLLED_BACK:
                raise
            except Exception as error:
                if not is_outage(error):
                    raise
                lost = error
        return await settle(self._pool, saves, lost, backend)

    # failpoint: none needed (append), 2 calls
    @staticmethod
    async def store_together(connection: Connection, saves: list[Save]) -> list[Outcome]:
        """Store these in one transaction; where some come too late, all others. None: it is stored."""
        pile = Pile.of(saves)
        try:
            if pile.is_one_statement:
                await write(connection, pile)
            else:
                async with connection.transaction():
                    await write(connection, pile)
            return [None] * len(saves)
        except (Conflict, Claimed, KeyTaken):
            async with connection.transaction():
                await lock_timers(connection, pile)
                await connection.execute(ENTER_LOG)
                outcomes = await _losers(connection, saves)
                winners = [save for save, lost in zip(saves, outcomes, strict=True) if lost is None]
                await write(connection, Pile.of(winners))
            return outcomes


async def _losers(connection: Connection, saves: list[Save]) -> list[Outcome]:
    """Who of them comes too late, in the order in which they came. The log's lock must be held."""
    versions = await taken_versions(connection, {row.stream_id for save in saves for row in save.rows})
    holders = await taken_holders(connection, {key for save in saves for key in save.claims})
    keys = await taken_keys(connection, saves)
    outcomes: list[Outcome] = []
    for save in saves:
        lost = too_late(save, versions, holders, keys)
        outcomes.append(lost)
        if lost is None:
            versions |= {row.stream_id: row.version for row in save.rows}
            holders |= dict.fromkeys(save.given_up)
            holders |= {key: claim.holder for key, claim in save.claims.items()}
            if save.answer:
                keys.add(save.answer[:3])
    return outcomes


def too_late(
    save: Save,
    versions: dict[UUID, int],
    holders: dict[tuple[str, str, str], UUID | None],
    keys: set[tuple[str, str, str]],
) -> Outcome:
    if save.answer and save.answer[:3] in keys:
        return KeyTaken(save.answer.key)
    reached: dict[UUID, int] = {}
    for row in save.rows:
        if row.version != reached.get(row.stream_id, versions.get(row.stream_id, 0)) + 1:
            return Conflict(f"stream {row.stream_id} has moved on")
        reached[row.stream_id] = row.version
    for key, claim in save.claims.items():
        holder = None if key in save.given_up else holders.get(key)
        if holder is not None:
            return Claimed(claim.kind, claim.value, holder)
    return None
