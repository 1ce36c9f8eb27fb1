"""An outbound call is made after the commit of its intent, and again if its outcome was not recorded."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

from prometheus_client import REGISTRY

from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.context import Context
from kernel.observability.health import Heartbeats
from kernel.scheduling.call_result import CallResult
from kernel.scheduling.outbound_calls import LEASE_DUE, LEASE_SECONDS, OutboundCalls
from kernel.scheduling.slots import MAX_TIMEOUTS
from kernel.scheduling.timers import DueTimer
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork
from tests.integration.kernel.shelf import DEMO, RIVAL, Shelf, lying_on
from tests.support.database import move_clock, service_pool
from tests.support.running import running
from tests.support.waiting import until

GATEWAY = "gateway"
MAX_DELAY_SECONDS = 0.45
LEASE = timedelta(seconds=LEASE_SECONDS + 1)


class Caller:
    """Calls a gateway that answers, fails or does not respond; records the outcome of an answer."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self.made: list[tuple[UUID, float]] = []
        self.answers = True
        self.breaks = False
        self.times_out = False
        self.is_obsolete = False

    async def __call__(self, timer: DueTimer) -> CallResult | None:
        self.made.append((timer.subject, time.monotonic()))
        if self.breaks:
            raise ConnectionError("the gateway has hung up")
        if not self.answers:
            await asyncio.Event().wait()
        if self.times_out:
            return CallResult.TIMEOUT
        if self.is_obsolete:
            return None

        async def record(work: UnitOfWork) -> None:
            (await work.open(Shelf, timer.subject)).receive(1)
            work.cancel_timer(GATEWAY, timer.subject)

        await self._store.run(timer.context, record)
        return CallResult.DONE

    def calls(self, max_concurrent: int = 64) -> OutboundCalls:
        return OutboundCalls("checkout", {GATEWAY: self}, self._store, Heartbeats(), max_concurrent)


async def request_calls(
    store: EventStore, *subjects: UUID, context: Context = DEMO, target: str = ""
) -> None:
    work = await store.begin(context)
    for subject in subjects:
        work.set_timer(GATEWAY, subject, work.now, target=target)
    await store.commit(work)


async def all_are_recorded(store: EventStore) -> bool:
    return bool(await store.pool.fetchval("SELECT count(*) = 0 FROM timers"))


async def test_a_call_starts_promptly_after_the_commit_of_its_intent(store: EventStore) -> None:
    caller = Caller(store)
    async with running(caller.calls().run()):
        await request_calls(store, uuid4())
        await until(lambda: all_are_recorded(store))
        delays = []
        for subject in [uuid4() for _ in range(5)]:
            await request_calls(store, subject)
            committed = time.monotonic()
            await until(lambda subject=subject: subject in dict(caller.made))  # type: ignore[misc]
            delays.append(dict(caller.made)[subject] - committed)

    assert sorted(delays)[2] < MAX_DELAY_SECONDS


async def test_a_call_of_this_process_is_leased_by_the_commit_of_its_intent(store: EventStore) -> None:
    caller, subject = Caller(store), uuid4()
    async with running(caller.calls().run()):
        await request_calls(store, uuid4())
        await until(lambda: all_are_recorded(store))  # the loop is running
        async with store.transaction() as transaction:
            work = store.begin_within(transaction.connection, transaction.now)
            work.switch_context(DEMO)
            work.set_timer(GATEWAY, subject, work.now)
            await store.flush(work, transaction.connection)
            stored = await transaction.connection.fetchrow(
                "SELECT attempts, due_at FROM timers WHERE subject = $1", subject
            )
            assert subject not in dict(caller.made)
            transaction.units_of_work.append(work)
        await until(lambda: all_are_recorded(store))

    assert stored is not None
    assert (stored["attempts"], stored["due_at"]) == (1, work.now + timedelta(seconds=LEASE_SECONDS))
    assert [it for it, _ in caller.made].count(subject) == 1


async def test_a_call_of_another_process_is_made_too(store: EventStore, database: Database) -> None:
    caller, subject = Caller(store), uuid4()
    async with service_pool(database) as other, running(caller.calls().run()):
        await request_calls(EventStore(other, MESSAGES), subject)
        await until(lambda: all_are_recorded(store))

    assert await lying_on(store, subject) == 1


async def test_a_call_that_was_not_committed_is_not_made(store: EventStore) -> None:
    caller, subject = Caller(store), uuid4()
    abandoned = await store.begin(DEMO)
    abandoned.set_timer(GATEWAY, uuid4(), abandoned.now)

    async with running(caller.calls().run()):
        await request_calls(store, subject)
        await until(lambda: all_are_recorded(store))

    assert [it for it, _ in caller.made] == [subject]


async def test_a_call_whose_process_died_is_made_again_when_its_lease_ends(
    store: EventStore, database: Database
) -> None:
    subject = uuid4()
    dying = Caller(store)
    dying.answers = False
    async with running(dying.calls().run()):
        await request_calls(store, subject)
        await until(lambda: len(dying.made) == 1)

    successor, other = Caller(store), uuid4()
    async with running(successor.calls().run()):
        await request_calls(store, other)
        await until(lambda: other in dict(successor.made))
        assert subject not in dict(successor.made)  # it is still leased

        await move_clock(database, LEASE)
        await until(lambda: all_are_recorded(store))

    assert await lying_on(store, subject) == 1
    assert [it for it, _ in successor.made] == [other, subject]


async def test_a_call_that_failed_is_made_again_when_its_lease_ends(
    store: EventStore, database: Database
) -> None:
    caller, subject = Caller(store), uuid4()
    caller.breaks = True
    async with running(caller.calls().run()):
        await request_calls(store, subject)
        await until(lambda: len(caller.made) == 1)
        caller.breaks = False
        await move_clock(database, LEASE)
        await until(lambda: all_are_recorded(store))

    assert await lying_on(store, subject) == 1
    assert len(caller.made) == 2


async def test_the_calls_at_a_time_are_limited_and_calls_without_a_response_do_not_stop_the_loop(
    store: EventStore,
) -> None:
    unresponsive = Caller(store)
    unresponsive.answers = False
    async with running(unresponsive.calls(max_concurrent=3).run()):
        await request_calls(store, *(uuid4() for _ in range(10)))
        await until(lambda: len(unresponsive.made) == 3)

    leased = await store.pool.fetchval("SELECT count(*) FROM timers WHERE attempts > 0")
    assert leased == 3


async def test_two_processes_share_the_calls_and_make_none_twice(
    store: EventStore, database: Database
) -> None:
    async with service_pool(database) as pool:
        one, other = Caller(store), Caller(EventStore(pool, MESSAGES))
        subjects = [uuid4() for _ in range(100)]
        async with running(one.calls(10).run(), other.calls(10).run()):
            await request_calls(store, *subjects)
            await until(lambda: all_are_recorded(store))

    made = [it for it, _ in [*one.made, *other.made]]
    assert sorted(made) == sorted(subjects)


async def test_running_calls_end_with_the_loop(store: EventStore) -> None:
    caller = Caller(store)
    caller.answers = False
    async with running(caller.calls().run()):
        await request_calls(store, uuid4(), uuid4())
        await until(lambda: len(caller.made) == 2)

    assert [it for it in asyncio.all_tasks() if it.get_name() == f"call {GATEWAY}"] == []


async def test_calls_without_a_response_leave_room_for_the_calls_of_other_tenants(
    store: EventStore,
) -> None:
    caller = Caller(store)
    caller.answers = False
    async with running(caller.calls().run()):
        await request_calls(store, *(uuid4() for _ in range(200)))
        await until(lambda: len(caller.made) >= 16)
        caller.answers = True
        await request_calls(store, *(theirs := [uuid4() for _ in range(20)]), context=RIVAL)
        await until(lambda: set(theirs) <= dict(caller.made).keys())

        assert len(caller.made) == 16 + len(theirs)


async def test_calls_of_other_processes_are_leased_from_all_tenants_in_turn(
    store: EventStore, database: Database
) -> None:
    caller = Caller(store)
    async with service_pool(database) as pool:
        other = EventStore(pool, MESSAGES)
        await request_calls(other, *(uuid4() for _ in range(100)))
        await request_calls(other, *(theirs := [uuid4() for _ in range(4)]), context=RIVAL)
    async with running(caller.calls(max_concurrent=8).run()):
        await until(lambda: all_are_recorded(store))

    first = [it for it, _ in caller.made[:8]]
    assert set(theirs) <= set(first)


async def test_calls_to_a_silent_target_leave_room_for_those_of_the_tenant_to_another(
    store: EventStore, database: Database
) -> None:
    """Also where another process has requested them, and the calls are found in the database."""
    caller = Caller(store)
    caller.answers = False
    async with service_pool(database) as pool, running(caller.calls().run()):
        other = EventStore(pool, MESSAGES)
        await request_calls(other, *(uuid4() for _ in range(200)), target="silent")
        await until(lambda: len(caller.made) >= 16)
        caller.answers = True
        await request_calls(store, *(here := [uuid4() for _ in range(20)]), target="well")
        await request_calls(other, *(there := [uuid4() for _ in range(20)]), target="well")
        await until(lambda: {*here, *there} <= dict(caller.made).keys())

        assert len(caller.made) == 16 + len(here) + len(there)


async def test_due_calls_are_found_by_the_index_of_tenant_and_target(store: EventStore) -> None:
    for target in ("one", "other"):
        await request_calls(store, *(uuid4() for _ in range(500)), target=target)
    async with store.pool.acquire() as connection:
        await connection.execute("ANALYZE timers; SET enable_seqscan = off; SET enable_sort = off")
        arguments = [GATEWAY], 64, 16, ["demo"], ["one"], [3], [13], 30
        plan = await connection.fetch(f"EXPLAIN {LEASE_DUE}", *arguments)  # what the loop asks
        await connection.execute("RESET enable_seqscan; RESET enable_sort")
        rows = await connection.fetch(LEASE_DUE, *arguments)
    reads = [line for (line,) in plan if " on timers t" in line and "Update" not in line]
    assert reads and all("timers_due_by_target" in line or "timers_pkey" in line for line in reads), plan
    assert Counter(row["payload"]["target"] for row in rows) == {"one": 3, "other": 16}


async def test_an_unresponsive_provider_is_probed_by_single_calls_until_it_responds(
    store: EventStore,
) -> None:
    caller = Caller(store)
    caller.times_out = True
    async with running(caller.calls().run()):
        await request_calls(store, *(uuid4() for _ in range(60)))
        await until(lambda: len(caller.made) >= MAX_TIMEOUTS)
        assert len(caller.made) < 20
        caller.times_out = False
        await request_calls(store, last := uuid4())
        await until(lambda: last in dict(caller.made))


async def test_each_call_is_counted_once_by_its_outcome_and_not_if_it_was_unnecessary(
    store: EventStore, database: Database
) -> None:
    caller, subject = Caller(store), uuid4()
    before = {outcome: counted(outcome) for outcome in ("done", "failed")}
    async with running(caller.calls().run()):
        caller.breaks = True
        await request_calls(store, subject)
        await until(lambda: counted("failed") == before["failed"] + 1)
        caller.breaks, caller.is_obsolete = False, True
        await move_clock(database, LEASE)
        await until(lambda: len(caller.made) == 2)
        caller.is_obsolete = False
        await move_clock(database, LEASE)
        await until(lambda: all_are_recorded(store))
        await until(lambda: counted("done") == before["done"] + 1)

    assert len(caller.made) == 3
    assert counted("failed") == before["failed"] + 1


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("feira_calls_total", {"kind": GATEWAY, "outcome": outcome}) or 0
