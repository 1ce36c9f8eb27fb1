"""A connection to the database in memory: it answers the kernel's own statements, each known by its text.

Transactions are as in PostgreSQL at READ COMMITTED, as far as the kernel relies on that: a transaction sees
what is committed and what it has written itself; nothing of it is there before its commit; rows that it has
locked make others wait; a duplicate key fails the statement. The time that a commit takes passes before the
first statement that writes to the log, timers or unique keys: from there to the commit nothing else happens,
for the kernel holds the log's lock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import asyncpg
import orjson

from kernel.messaging import batch_transaction, handled_versions, offsets
from kernel.messaging.dead_letters import store
from kernel.scheduling import outbound_calls, timers
from kernel.store import clock, conflict_detection, loading, pg_unit_of_work, writing
from kernel.store.changes import LOG_COLUMNS, LogRow, Timer
from tests.proofs.simulation.database import Database, DeadLetter, Due, Name, Offset, Row, Where, fact_row
from tests.proofs.simulation.scheduler import MS, pause

if TYPE_CHECKING:
    from tests.proofs.simulation.node import Node


@dataclass(slots=True)
class Changes:
    """What a transaction has written so far."""

    rows: list[LogRow] = field(default_factory=list)
    timers: dict[Due, Timer | None] = field(default_factory=dict)
    holders: dict[Name, UUID | None] = field(default_factory=dict)
    answers: dict[Name, UUID | None] = field(default_factory=dict)
    others: list[Callable[[], None]] = field(default_factory=list)
    """Into tables that the transaction does not read again."""

    def copy(self) -> Changes:
        return Changes(
            list(self.rows), dict(self.timers), dict(self.holders), dict(self.answers), list(self.others)
        )


class Connection:
    def __init__(self, node: Node) -> None:
        self.node = node
        self.database: Database = node.database
        self.is_waiting = False
        self._changes = Changes()
        self._depth = 0
        self._entered = False
        self._fault: str | None = None
        self._locked: list[object] = []

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        if self._depth:
            before = self._changes.copy()
        self._depth += 1
        try:
            yield
        except BaseException:
            self._changes = before if self._depth > 1 else Changes()
            raise
        else:
            if self._depth == 1:
                await self._commit()
        finally:
            self._depth -= 1
            if not self._depth:
                self._end()

    def later(self, write: Callable[[], None]) -> None:
        """Write into a table of the service's own at the commit."""
        self._changes.others.append(write)

    async def fetch(self, query: str, *arguments: Any) -> Any:
        if query == outbound_calls.LEASE_DUE:
            return await self._take(*arguments)
        return READS[query](self, *arguments)

    async def fetchval(self, query: str, *arguments: Any) -> Any:
        return READS[query](self, *arguments)

    async def fetchrow(self, query: str, *arguments: Any) -> Any:
        if query == batch_transaction.OPEN:
            return await self._open(*arguments)
        return READS[query](self, *arguments)

    async def execute(self, query: str, *arguments: Any) -> None:
        if query in WRITES_ASIDE:
            WRITES_ASIDE[query](self, *arguments)
            if not self._depth:
                async with self.transaction():
                    pass
        elif not self._depth:
            async with self.transaction():
                await self.execute(query, *arguments)
        elif query.startswith("INSERT INTO log "):
            width = len(LOG_COLUMNS)
            await self._append(LogRow(*arguments[at : at + width]) for at in range(0, len(arguments), width))
        else:
            await WRITES[query](self, *arguments)

    async def executemany(self, query: str, rows: Iterable[Sequence[Any]]) -> None:
        for row in rows:
            await self.execute(query, *row)

    async def copy_records_to_table(self, table: str, *, records: Sequence[LogRow], columns: object) -> None:
        if (table, columns) != ("log", LOG_COLUMNS):
            raise AssertionError(f"no such table here: {table}")
        await self._append(records)

    async def _commit(self) -> None:
        changes, self._changes = self._changes, Changes()
        database = self.database
        database.append(changes.rows)
        for key, timer in changes.timers.items():
            database.visible.pop(key, None)
            if timer is None:
                database.timers.pop(key, None)
            else:
                database.timers[key] = timer
        for name, holder in changes.holders.items():
            if holder is None:
                database.holders.pop(name, None)
            else:
                database.holders[name] = holder
        database.answers |= changes.answers
        for write in changes.others:
            write()
        self._release()
        self.node.world.committed(self.node, changes.rows, [it for it in changes.timers.values() if it])
        await self.node.after_commit(self._fault)

    def _end(self) -> None:
        self._entered, self._fault = False, None
        self._release()

    def _release(self) -> None:
        for key in self._locked:
            self.database.locks.pop(key, None)
        self._locked.clear()

    async def _lock(self, keys: Iterable[object]) -> None:
        """Wait for rows that others have locked. Raises ``DeadlockDetectedError`` where they wait for rows of
        others, too: the shortest circle is refused."""
        for key in keys:
            while (holder := self.database.locks.get(key, self)) is not self:
                if holder.is_waiting and self._locked:
                    raise asyncpg.DeadlockDetectedError("two transactions wait for each other")
                self.is_waiting = True
                try:
                    await pause(MS)
                finally:
                    self.is_waiting = False
            if key not in self.database.locks:
                self.database.locks[key] = self
                self._locked.append(key)

    async def _enter(self, changed: Iterable[Due] = ()) -> None:
        """Let the time of the commit pass, and then wait for the timers' rows."""
        if not self._entered:
            self._fault = await self.node.before_commit()
            self._entered = True
        await self._lock(changed)

    def _timer(self, key: Due) -> Timer | None:
        pending = self._changes.timers
        return pending[key] if key in pending else self.database.timers.get(key)

    # statements that read

    def _tails(self, streams: Sequence[UUID], known: Sequence[int], tenant: str) -> list[Row]:
        written = [fact_row(it) for it in self._changes.rows if it.kind == "fact"]
        found: list[Row] = []
        for stream, version in zip(streams, known, strict=True):
            rows = self.database.streams.get(stream, [])[version:]
            rows += [it for it in written if it["stream_id"] == stream and it["version"] > version]
            found += [it for it in rows if it["tenant"] == tenant]
        return found

    def _moved_on(self, streams: Sequence[UUID], known: Sequence[int]) -> bool:
        versions = self.database.versions
        return any(versions.get(it, 0) > version for it, version in zip(streams, known, strict=True))

    def _holder(self, *name: str) -> UUID | None:
        key = cast(Name, name)
        return self._changes.holders[key] if key in self._changes.holders else self.database.holders.get(key)

    def _versions(self, streams: Sequence[UUID]) -> list[Row]:
        known = self.database.versions
        return [{"stream_id": it, "version": known[it]} for it in streams if it in known]

    def _holders(self, *columns: Sequence[str]) -> list[Row]:
        names = zip(*columns, strict=True)
        fields = "tenant", "kind", "value"
        return [
            {**dict(zip(fields, name, strict=True)), "holder": holder}
            for name in names
            if (holder := self._holder(*name)) is not None
        ]

    def _keys(self, *columns: Sequence[str]) -> list[Name]:
        return [
            it for it in cast("Iterable[Name]", zip(*columns, strict=True)) if it in self.database.answers
        ]

    def _offsets(self, group: str) -> list[Row]:
        return [
            {
                "topic": topic,
                "part": part,
                "cluster_id": it.cluster_id,
                "generation": it.generation,
                "next_offset": it.next_offset,
            }
            for (whose, topic, part), it in self.database.offsets.items()
            if whose == group
        ]

    def _met(self, scopes: Sequence[str], streams: Sequence[UUID]) -> list[Row]:
        return [
            {"grp": it.scope, "message_id": it.message_id}
            for it in self.database.dead_letters
            if it.scope in scopes and it.stream_id in streams
        ]

    def _due(self, kinds: Sequence[str], most: int, *_: Any) -> list[Row]:
        found = self.database.due(kinds, self.node.world.scheduler.now)[:most]
        for it in found:
            key = it.subject, it.kind
            self.database.locks[key] = self
            self._locked.append(key)
        return [timer_row(it) for it in found]

    async def _open(
        self,
        group: str,
        topics: Sequence[str],
        parts: Sequence[int],
        expected: Sequence[int],
        following: Sequence[int],
        generations: Sequence[int],
        cluster_id: str,
        scopes: Sequence[str],
        streams: Sequence[UUID],
        keys: Sequence[bytes | None],
    ) -> Row:
        wheres: list[Where] = [(group, *it) for it in zip(topics, parts, strict=True)]
        await self._lock(wheres)
        database, moved = self.database, 0
        for where, before, after, generation in zip(wheres, expected, following, generations, strict=True):
            it = database.offsets.get(where)
            if it and (it.next_offset, it.cluster_id) == (before, cluster_id):
                moved += 1
                self._put_offset(where, Offset(cluster_id, max(it.generation, generation), after))
        seen = {it: database.seen[group][it] for it in streams if it in database.seen[group]}
        row: Row = {"moved": moved, "now": self.node.world.scheduler.now, "outdated": False}
        row |= {"streams": list(seen), "versions": list(seen.values())}
        behind = {
            key: handled for key, handled in database.behind.items() if key[0] in scopes and key[1] in streams
        }
        row |= {"readers": [it[0] for it in behind], "behind_in": [it[1] for it in behind]}
        row["handled"] = list(behind.values())
        waiting = [
            it for it in database.dead_letters if not it.resolved and it.scope in scopes and it.key in keys
        ]
        row["blocked_scopes"] = [it.scope for it in waiting if it.reason != "gap"]
        row["blocked_keys"] = [it.key for it in waiting if it.reason != "gap"]
        row["gaps"] = [it.stream_id for it in waiting if it.reason == "gap"]
        return row

    # statements that write what no other transaction can have changed meanwhile

    def _put_offset(self, where: Where, it: Offset) -> None:
        self.later(lambda: self.database.offsets.__setitem__(where, it))

    def _place(self, group: str, topic: str, part: int, cluster: str, generation: int, begin: int) -> None:
        self._put_offset((group, topic, part), Offset(cluster, generation, begin))

    def _note(self, group: str, streams: Sequence[UUID], versions: Sequence[int]) -> None:
        known = self.database.seen[group]
        noted = dict(zip(streams, versions, strict=True))
        self.later(lambda: known.update({it: max(known.get(it, 0), noted[it]) for it in noted}))

    def _park(self, scope: str, *values: Any) -> None:
        _, _, _, key, headers, _, _, _, stream_id, version, reason, error = values
        found = {it[0]: it[1] for it in orjson.loads(headers)}
        it = DeadLetter(scope, key, stream_id, version, found.get("ce_id"), reason, error)
        self.later(lambda: self.database.dead_letters.append(it))

    def _close_gaps(self, group: str, streams: Sequence[UUID], versions: Sequence[int]) -> None:
        reached = dict(zip(streams, versions, strict=True))
        found = self.database.dead_letters

        def close() -> None:
            for at, it in enumerate(found):
                if it.scope == group and it.reason == "gap" and it.stream_id and it.version:
                    done = it.version <= reached.get(it.stream_id, 0)
                    found[at] = replace(it, resolved=it.resolved or done)

        self.later(close)

    def _fall_behind(self, *columns: Sequence[Any]) -> None:
        def note() -> None:
            for scope, stream_id, handled in zip(*columns, strict=True):
                self.database.behind.setdefault((scope, stream_id), handled)

        self.later(note)

    def _catch_up(self, *columns: Sequence[Any]) -> None:
        behind = self.database.behind

        def move() -> None:
            for scope, stream_id, handled in zip(*columns, strict=True):
                if (known := behind.get((scope, stream_id))) is not None:
                    behind[scope, stream_id] = max(known, handled)

        self.later(move)

    def _forget(self, group: str, scopes: Sequence[str]) -> None:
        database = self.database

        def forget() -> None:
            open_ = {(it.scope, it.stream_id) for it in database.dead_letters if not it.resolved}
            for key, handled in list(database.behind.items()):
                caught_up = handled >= database.seen[group].get(key[1], handled + 1)
                if key[0] in scopes and caught_up and key not in open_:
                    del database.behind[key]

        self.later(forget)

    # statements that write what others may write, too

    async def _nothing(self) -> None:
        """The log's lock is held from the first write on."""
        await self._enter()

    async def _lock_timers(self, *columns: Sequence[Any]) -> None:
        await self._enter(cast("Iterable[Due]", zip(*columns, strict=True)))

    async def _fired(self, *columns: Sequence[Any]) -> None:
        for key in cast("Iterable[Due]", zip(*columns, strict=True)):
            self._changes.timers[key] = None

    async def _put_off(self, subject: UUID, kind: str, seconds: int) -> None:
        now, it = self.node.world.scheduler.now, self._timer((subject, kind))
        if it and it.due_at <= now:
            due_at = now + timedelta(seconds=seconds)
            self._changes.timers[subject, kind] = it._replace(due_at=due_at, attempts=it.attempts + 1)

    async def _take(
        self,
        kinds: Sequence[str],
        most: int,
        most_of_one: int,
        tenants: Sequence[str],
        rooms: Sequence[int],
        _: Sequence[int],
        seconds: int,
    ) -> list[Row]:
        now = self.node.world.scheduler.now
        room: defaultdict[str, int] = defaultdict(lambda: most_of_one, zip(tenants, rooms, strict=True))
        found: list[Timer] = []
        async with self.transaction():
            for it in self.database.due(kinds, now):
                if room[it.tenant] > 0 and len(found) < most:
                    room[it.tenant] -= 1
                    due_at = now + timedelta(seconds=seconds)
                    found.append(it._replace(due_at=due_at, attempts=it.attempts + 1))
            self._changes.timers |= {(it.subject, it.kind): it for it in found}
        return [timer_row(it) for it in found]

    async def _strike_off(self, *columns: Sequence[Any]) -> None:
        for key, _ in await self._as_taken(columns):
            self._changes.timers[key] = None

    async def _move(self, *columns: Sequence[Any]) -> None:
        *known, dues, payloads = columns
        moved = {(it[0], it[1]): it[2:] for it in zip(*known[:2], dues, payloads, strict=True)}
        for key, timer in await self._as_taken(known):
            due_at, payload = moved[key]
            self._changes.timers[key] = timer._replace(due_at=due_at, payload=payload, attempts=0)

    async def _as_taken(self, columns: Iterable[Sequence[Any]]) -> list[tuple[Due, Timer]]:
        """Those of the timers that are due when whoever took them has seen them to be."""
        wanted = [((subject, kind), due_at) for subject, kind, due_at in zip(*columns, strict=True)]
        await self._enter(key for key, _ in wanted)
        found = ((key, due_at, self._timer(key)) for key, due_at in wanted)
        return [(key, it) for key, due_at, it in found if it and it.due_at == due_at]

    async def _store(self, *arguments: Sequence[Any]) -> None:
        gone, timers_, rows, freed, claims, answers = _parts(arguments)
        cancelled = [cast(Due, it) for it in gone]
        set_ = [Timer(*it) for it in timers_]
        await self._enter([*cancelled, *((it.subject, it.kind) for it in set_)])
        self._changes.timers |= dict.fromkeys(cancelled)
        self._changes.timers |= {(it.subject, it.kind): it for it in set_}
        await self._append([LogRow(*it) for it in rows])
        self._changes.holders |= dict.fromkeys(cast("Iterable[Name]", freed))
        for tenant, kind, value, holder in claims:
            if self._holder(tenant, kind, value) is not None:
                raise duplicate("claims")
            self._changes.holders[tenant, kind, value] = holder
        for tenant, route, key, _, subject, *_ in answers:
            if (tenant, route, key) in self.database.answers:
                raise duplicate("idempotency")
            self._changes.answers[tenant, route, key] = subject

    async def _append(self, rows: Iterable[LogRow]) -> None:
        await self._enter()
        written: dict[UUID, int] = {it.stream_id: it.version for it in self._changes.rows}
        for it in rows:
            known = written.get(it.stream_id) or self.database.versions.get(it.stream_id, 0)
            if it.version <= known:
                raise duplicate("log")
            if it.version > known + 1:
                raise AssertionError(f"stream {it.stream_id} has a gap before version {it.version}")
            written[it.stream_id] = it.version
            self._changes.rows.append(it)


def timer_row(it: Timer) -> Row:
    """As the driver returns it."""
    return {**it._asdict(), "payload": orjson.loads(orjson.dumps(it.payload))}


def duplicate(table: str) -> asyncpg.UniqueViolationError:
    error = asyncpg.UniqueViolationError("duplicate key value violates unique constraint")
    error.table_name, error.detail = table, ""
    return error


def _parts(arguments: Sequence[Sequence[Any]]) -> Iterator[list[tuple[Any, ...]]]:
    """The columns of ``store()`` back to rows, table by table."""
    first = 0
    for width in writing.WIDTHS:
        yield list(zip(*arguments[first : first + width], strict=True))
        first += width


READS: Mapping[str, Callable[..., Any]] = {
    **{
        loading.EVENTS_AFTER_VERSION.format(it): Connection._tails
        for it in (loading.LOG, loading.LOG_FOR_CALLERS)
    },
    **{
        loading.STALE_STREAMS.format(it): Connection._moved_on
        for it in (loading.LOG, loading.LOG_FOR_CALLERS)
    },
    pg_unit_of_work.HOLDER: Connection._holder,
    conflict_detection.VERSIONS: Connection._versions,
    conflict_detection.HOLDERS: Connection._holders,
    conflict_detection.KEYS: Connection._keys,
    offsets.READ: Connection._offsets,
    handled_versions.MET: Connection._met,
    timers.DUE: Connection._due,
    clock.NOW: lambda it: it.node.world.scheduler.now,
}
WRITES_ASIDE: Mapping[str, Callable[..., None]] = {
    offsets.STORE: Connection._place,
    batch_transaction.NOTE: Connection._note,
    store.PARK: Connection._park,
    store.GAP_CLOSED: Connection._close_gaps,
    handled_versions.FALL_BEHIND: Connection._fall_behind,
    handled_versions.CATCH_UP: Connection._catch_up,
    handled_versions.FORGET: Connection._forget,
}
WRITES: Mapping[str, Callable[..., Any]] = {
    writing.ENTER_LOG: Connection._nothing,
    writing.LOCK_TIMERS: Connection._lock_timers,
    writing.DELETE_TIMERS: Connection._strike_off,
    writing.MOVE: Connection._move,
    writing.STORE: Connection._store,
    timers.FIRED: Connection._fired,
    timers.RESCHEDULE: Connection._put_off,
}


class Pool:
    """What the kernel asks of a pool of connections."""

    def __init__(self, node: Node) -> None:
        self._node = node

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        yield Connection(self._node)

    async def fetch(self, query: str, *arguments: Any) -> Any:
        return await Connection(self._node).fetch(query, *arguments)

    async def fetchval(self, query: str, *arguments: Any) -> Any:
        return await Connection(self._node).fetchval(query, *arguments)

    async def execute(self, query: str, *arguments: Any) -> None:
        await Connection(self._node).execute(query, *arguments)
