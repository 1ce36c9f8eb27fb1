"""The states of open sagas, read from the log with one statement, are those of the aggregates."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from devstack.databases import Database
from kernel.observability.health import Heartbeats
from kernel.observability.metrics.declaring import Part, expose
from kernel.postgres.gauges import DatabaseGauges
from kernel.process.open_sagas import STATES, open_sagas
from kernel.process.state import Failure, Reason
from kernel.store.event_store import EventStore
from kernel.store.sort_keys import time_key
from kernel.unit_of_work import UnitOfWork
from tests.integration.kernel.renewal.conftest import DEMO
from tests.integration.kernel.renewal.messages import MESSAGES
from tests.integration.kernel.renewal.process import TIME_LIMIT, WORKFLOW, Renewal
from tests.support.database import Pool, move_clock, service_pool
from tests.support.exported import exported

OPEN = "open_renewal"
BOTH = ("charge", "extend")
LATE = Reason("EXPIRED", "The deadline has passed.")
WAIT = timedelta(hours=1)
Act = Callable[[Renewal], None]


def begin(*steps: str) -> Act:
    return lambda it: it.begin(steps)


def stuck(step: str) -> Act:
    return lambda it: it.need_operator(step, "UNKNOWN", "silence")


def go_back(*steps: str) -> Act:
    return lambda it: it.start_compensation(LATE, steps)


def undone(*steps: str) -> Act:
    return lambda it: it.complete_undos(steps)


def act_at_url(it: Renewal) -> None:
    it.require_action("charge", "https://bank.example")


def wait(it: Renewal) -> None:
    """Also where an operator ends the wait."""
    until = it.modified_on + WAIT
    it.wait("review", "charge", until, "needs_operator")


def done(it: Renewal) -> None:
    it.complete("charge", {})


HISTORIES: tuple[tuple[Act, ...], ...] = (
    (begin("charge"),),
    (begin("charge"), done, begin("extend")),
    (begin("charge"), act_at_url),
    (begin("charge"), act_at_url, done),
    (begin("charge"), stuck("charge")),
    (begin("charge"), stuck("charge"), act_at_url),
    (begin("charge"), stuck("charge"), done),
    (begin("charge"), wait),
    (begin("charge"), stuck("charge"), wait),
    (begin("charge"), wait, done),
    (begin("charge"), act_at_url, wait),
    (begin("charge"), wait, go_back("charge")),
    (begin(*BOTH), go_back(*BOTH)),
    (begin(*BOTH), stuck("charge"), go_back(*BOTH)),
    (begin(*BOTH), stuck("charge"), go_back(*BOTH), undone("extend")),
    (begin(*BOTH), go_back(*BOTH), undone("extend")),
    (begin(*BOTH), go_back(*BOTH), stuck("charge")),
    (begin(*BOTH), go_back(*BOTH), stuck("charge"), undone("extend")),
    (begin(*BOTH), go_back(*BOTH), stuck("charge"), undone("charge")),
    (begin(*BOTH), go_back(*BOTH), stuck("charge"), stuck("extend"), undone("charge")),
)


@pytest.fixture
async def store(database: Database) -> AsyncIterator[EventStore]:
    async with service_pool(database) as pool:
        yield EventStore(pool, MESSAGES)


async def start(store: EventStore, history: tuple[Act, ...]) -> str:
    """Record the facts, each in a unit of work of its own; returns the state."""
    process_id = uuid4()

    async def request(work: UnitOfWork) -> None:
        renewal = work.create(Renewal, process_id)
        renewal.request(uuid4(), months=1, deadline=work.now + TIME_LIMIT)
        work.claim_key(OPEN, f"{time_key(work.now)}/{process_id}", process_id)

    await store.run(DEMO, request)
    for one in history:

        async def act(work: UnitOfWork, one: Act = one) -> None:
            one(await work.open(Renewal, process_id))

        await store.run(DEMO, act)
    renewal = await found(store, process_id)
    return "waiting" if renewal.waiting else renewal.status


async def found(store: EventStore, process_id: UUID) -> Renewal:
    return await (await store.begin(DEMO)).open(Renewal, process_id)


async def read(pool: Pool) -> None:
    expose(Part.SAGAS)
    await DatabaseGauges(pool, [open_sagas("renewal", WORKFLOW, OPEN)], Heartbeats()).read()


def shown() -> dict[str, float | None]:
    return {it: exported("feira_sagas_open", saga="renewal", state=it) for it in STATES}


async def test_every_history_counts_under_the_status_of_its_aggregate_or_as_waiting(
    store: EventStore, database: Database
) -> None:
    statuses: Counter[str] = Counter()
    for history in HISTORIES:
        statuses[await start(store, history)] += 1
        await read(store.pool)
        assert shown() == {it: statuses[it] for it in STATES}
    assert all(statuses[it] for it in STATES), "each state occurs"
    assert exported("feira_sagas_needing_operator", saga="renewal") == statuses["needs_operator"]

    await move_clock(database, timedelta(seconds=600))
    await read(store.pool)
    assert 600 <= (exported("feira_saga_oldest_open_seconds", saga="renewal") or 0) < 700


async def test_a_saga_that_waits_is_neither_old_nor_an_operators_until_its_time_is_over(
    store: EventStore, database: Database
) -> None:
    assert await start(store, (begin("charge"), wait)) == "waiting"
    for minutes_more, oldest in ((0, 0), (64, 0), (2, 66 * 60)):
        await move_clock(database, timedelta(minutes=minutes_more))
        await read(store.pool)
        shown_as = exported("feira_saga_oldest_open_seconds", saga="renewal")
        assert shown_as is not None and oldest <= shown_as < oldest + 60
        assert exported("feira_sagas_needing_operator", saga="renewal") == 0


async def test_a_saga_that_has_ended_is_no_longer_open(store: EventStore) -> None:
    process_id = uuid4()

    async def fail(work: UnitOfWork) -> None:
        renewal = work.create(Renewal, process_id)
        renewal.request(uuid4(), months=1, deadline=work.now + TIME_LIMIT)
        renewal.record(renewal.failed(Failure("EXPIRED", "late")))

    await store.run(DEMO, fail)
    await read(store.pool)
    assert shown() == dict.fromkeys(STATES, 0)
    assert exported("feira_saga_oldest_open_seconds", saga="renewal") == 0
