"""Snapshots shorten loads, and are never believed against the log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import asyncpg
import pytest
from structlog.testing import capture_logs

from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.observability.health import Heartbeats
from kernel.store import loading
from kernel.store.event_store import EventStore
from kernel.store.snapshots.fold import fold_of
from kernel.store.snapshots.writer import STORE_SNAPSHOTS, Snapshot, SnapshotWriter
from kernel.store.writing import columns
from kernel.unit_of_work import UnitOfWork
from tests.integration.kernel.shelf import DEMO, RIVAL, Shelf, lying_on, put_on_shelf
from tests.support.database import Pool, execute, service_pool

EVERY = 5
OTHER_CODE = bytes(32)


class Folded:
    """Counts the facts that loads fold."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.facts = 0
        fact_of = loading.fact_of

        def counted(*arguments: object) -> object:
            self.facts += 1
            return fact_of(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(loading, "fact_of", counted)


@pytest.fixture
def folded(monkeypatch: pytest.MonkeyPatch) -> Folded:
    return Folded(monkeypatch)


@pytest.fixture
def store(pool: Pool) -> EventStore:
    return EventStore(pool, MESSAGES, EVERY)


def writer_of(store: EventStore) -> SnapshotWriter:
    return SnapshotWriter(store, Heartbeats())


async def receive(store: EventStore, shelf: UUID, times: int) -> None:
    """Record facts in one unit of work."""

    async def act(work: UnitOfWork) -> None:
        opened = await work.open(Shelf, shelf)
        for _ in range(times):
            opened.receive(1)

    await store.run(DEMO, act)


async def snapshot_of(pool: Pool, shelf: UUID) -> int | None:
    """The version of the snapshot that the present code would use."""
    version: int | None = await pool.fetchval(
        "SELECT version FROM snapshots WHERE stream_id = $1 AND fold = $2",
        shelf,
        fold_of(Shelf, MESSAGES).version,
    )
    return version


@asynccontextmanager
async def forgetful(store: EventStore) -> AsyncIterator[EventStore]:
    """A store that remembers nothing, as in a process that has just started."""
    yield EventStore(store.pool, MESSAGES, EVERY)


async def with_snapshot(store: EventStore, facts: int) -> UUID:
    shelf = uuid4()
    await receive(store, shelf, facts)
    await writer_of(store).round()
    return shelf


@pytest.mark.parametrize(("facts", "version"), [(EVERY - 1, None), (EVERY, EVERY), (EVERY + 1, EVERY + 1)])
async def test_a_snapshot_is_made_once_a_stream_has_enough_facts(
    store: EventStore, pool: Pool, facts: int, version: int | None
) -> None:
    assert await snapshot_of(pool, await with_snapshot(store, facts)) == version


async def test_a_load_reads_the_snapshot_and_the_later_facts_alone(store: EventStore, folded: Folded) -> None:
    shelf = await with_snapshot(store, EVERY + 3)
    await receive(store, shelf, 1)
    folded.facts = 0

    async with forgetful(store) as cold:
        work = await cold.begin(DEMO)
        found = await work.open(Shelf, shelf)

    assert (found.on_hand, found.version, folded.facts) == (EVERY + 4, EVERY + 4, 1)


async def test_many_streams_with_and_without_snapshots_are_loaded_by_one_query(
    store: EventStore, folded: Folded
) -> None:
    long = [await with_snapshot(store, EVERY + extra) for extra in (0, 1, 2)]
    short = uuid4()
    await receive(store, short, 2)
    folded.facts = 0

    async with forgetful(store) as cold:
        work = await cold.begin(DEMO)
        found = await work.open_many(Shelf, [*long, short, uuid4()])

    assert [it.on_hand for it in found.values()] == [EVERY, EVERY + 1, EVERY + 2, 2, 0]
    assert folded.facts == 2


async def test_a_long_load_without_a_snapshot_makes_one_due(store: EventStore, pool: Pool) -> None:
    shelf = uuid4()
    await receive(EventStore(pool, MESSAGES, 0), shelf, 3 * EVERY)
    assert await lying_on(store, shelf) == 3 * EVERY

    await writer_of(store).round()

    assert await snapshot_of(pool, shelf) == 3 * EVERY


async def test_a_stream_longer_than_a_page_is_loaded_whole(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, short = uuid4(), uuid4()
    await receive(store, shelf, 2 * loading.PAGE + 1)
    await receive(store, short, 1)

    async with forgetful(store) as cold:
        found = await (await cold.begin(DEMO)).open_many(Shelf, [short, shelf])

    assert [it.on_hand for it in found.values()] == [1, 2 * loading.PAGE + 1]


async def test_a_later_snapshot_replaces_the_earlier_one_and_never_the_other_way_round(
    store: EventStore, pool: Pool
) -> None:
    shelf = await with_snapshot(store, EVERY)
    early = await pool.fetchrow("SELECT * FROM snapshots WHERE stream_id = $1", shelf)
    await receive(store, shelf, EVERY)
    await writer_of(store).round()
    assert await snapshot_of(pool, shelf) == 2 * EVERY

    assert early is not None
    late = [(*(early[it] for it in Snapshot._fields),)]
    await pool.execute(STORE_SNAPSHOTS, *columns(late))
    assert await snapshot_of(pool, shelf) == 2 * EVERY


async def test_a_snapshot_of_other_code_is_not_used_and_stays_for_that_code(
    store: EventStore, pool: Pool, folded: Folded
) -> None:
    shelf = await with_snapshot(store, EVERY)
    await pool.execute(
        "UPDATE snapshots SET fold = $2, state = 'other' WHERE stream_id = $1", shelf, OTHER_CODE
    )
    folded.facts = 0

    async with forgetful(store) as cold:
        assert await lying_on(cold, shelf) == EVERY
        assert folded.facts == EVERY
        await writer_of(cold).round()

    folds = await pool.fetch("SELECT fold FROM snapshots WHERE stream_id = $1 ORDER BY fold", shelf)
    assert {it["fold"] for it in folds} == {OTHER_CODE, fold_of(Shelf, MESSAGES).version}


async def ahead_of_the_log(url: str, shelf: UUID) -> None:
    """As in a database whose log was restored to an earlier time."""
    await execute(url, "UPDATE snapshots SET version = version + 1 WHERE stream_id = $1", shelf)


async def of_another_history(url: str, shelf: UUID) -> None:
    await execute(url, "UPDATE snapshots SET message_id = $2 WHERE stream_id = $1", shelf, uuid4())


@pytest.mark.parametrize("spoil", [ahead_of_the_log, of_another_history])
async def test_a_snapshot_that_contradicts_the_log_is_not_used_is_logged_and_is_replaced(
    database: Database, store: EventStore, pool: Pool, spoil: object
) -> None:
    shelf = await with_snapshot(store, EVERY)
    await pool.execute(
        """UPDATE snapshots SET state = replace(encode(state, 'escape'), ':5', ':500')::bytea
           WHERE stream_id = $1""",
        shelf,
    )
    await spoil(database.superuser_url, shelf)  # type: ignore[operator]

    async with forgetful(store) as cold:
        with capture_logs() as logs:
            assert await lying_on(cold, shelf) == EVERY
        await writer_of(cold).round()

    assert [it["event"] for it in logs] == ["snapshot_contradicts_log"]
    async with forgetful(store) as cold:
        assert await lying_on(cold, shelf) == EVERY
    assert await snapshot_of(pool, shelf) == EVERY


@pytest.mark.parametrize(
    "state", [b"", b"{", b"[]", b'{"on_hand": ["os:system", "true"]}', b'{"x": ["uuid"]}']
)
async def test_a_snapshot_that_cannot_be_read_is_not_used_and_is_replaced(
    store: EventStore, pool: Pool, state: bytes
) -> None:
    shelf = await with_snapshot(store, EVERY)
    await pool.execute("UPDATE snapshots SET state = $2 WHERE stream_id = $1", shelf, state)

    async with forgetful(store) as cold:
        assert await lying_on(cold, shelf) == EVERY
        await writer_of(cold).round()

    assert await pool.fetchval("SELECT state FROM snapshots WHERE stream_id = $1", shelf) != state


async def test_the_snapshot_of_another_tenant_is_not_seen(store: EventStore) -> None:
    shelf = await with_snapshot(store, EVERY)

    async with forgetful(store) as cold:
        assert await lying_on(cold, shelf, RIVAL) == 0
        async with cold.pool.acquire_for_tenant("rival") as connection:
            assert await connection.fetchval("SELECT count(*) FROM snapshots") == 0
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("BEGIN READ WRITE; DELETE FROM snapshots")
            await connection.execute("ROLLBACK")


async def test_without_snapshots_none_is_made_and_none_is_read(store: EventStore, pool: Pool) -> None:
    shelf = await with_snapshot(store, EVERY)
    await pool.execute("UPDATE snapshots SET state = 'unreadable' WHERE stream_id = $1", shelf)
    off = EventStore(pool, MESSAGES, 0)

    await put_on_shelf(off, shelf, 1)
    await writer_of(off).round()

    assert await lying_on(off, shelf) == EVERY + 1
    assert await snapshot_of(pool, shelf) == EVERY


async def test_a_unit_of_work_that_is_given_up_makes_no_snapshot_due(store: EventStore, pool: Pool) -> None:
    shelf = uuid4()
    work = await store.begin(DEMO)
    opened = await work.open(Shelf, shelf)
    for _ in range(EVERY):
        opened.receive(1)
    work.collect()

    await writer_of(store).round()

    assert await snapshot_of(pool, shelf) is None


async def test_two_processes_that_make_the_same_snapshot_store_it_once(
    database: Database, store: EventStore, pool: Pool
) -> None:
    shelf = await with_snapshot(store, EVERY)
    rows = "SELECT version, taken_at FROM snapshots WHERE stream_id = $1"
    first = await pool.fetch(rows, shelf)
    async with service_pool(database) as other:
        second = EventStore(other, MESSAGES, EVERY)
        await lying_on(second, shelf)
        second.due_snapshots.note_load("demo", Shelf.empty(shelf), EVERY)
        await writer_of(second).round()

    assert await pool.fetch(rows, shelf) == first


class Unwritable(Shelf):
    """Its state holds what no snapshot can."""

    def initialise(self) -> None:
        super().initialise()
        self.connection = object()


async def test_a_state_that_cannot_be_written_keeps_no_other_from_its_snapshot(
    store: EventStore, pool: Pool
) -> None:
    shelf, unwritable = uuid4(), uuid4()
    for kind, stream in ((Unwritable, unwritable), (Shelf, shelf)):

        async def act(work: UnitOfWork, kind: type[Shelf] = kind, stream: UUID = stream) -> None:
            opened = await work.open(kind, stream)
            for _ in range(EVERY):
                opened.receive(1)

        await store.run(DEMO, act)

    with capture_logs() as logs:
        await writer_of(store).round()

    assert [it["event"] for it in logs] == ["snapshot_impossible"]
    assert await snapshot_of(pool, shelf) == EVERY
    assert await pool.fetchval("SELECT count(*) FROM snapshots WHERE stream_id = $1", unwritable) == 0
    assert not store.due_snapshots, "the writer's own loads would be repeated for ever"
