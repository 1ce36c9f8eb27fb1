"""The log read and decoded into facts, beside `eventsourcing`'s notification log on the same facts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from eventsourcing.domain import AggregateEvent
from eventsourcing.persistence import DatetimeAsISO, DecimalAsStr, JSONTranscoder, Mapper, UUIDAsHex
from eventsourcing.postgres import PostgresApplicationRecorder

from benchmarks import peer
from benchmarks.children import cpu_seconds
from benchmarks.figures import Figure, Goal
from benchmarks.samples import NOW, item_added, row
from contracts.cart import ItemAdded
from contracts.envelope import Fact
from contracts.topics import MESSAGES
from kernel import ids
from kernel.store.changes import LOG_COLUMNS
from kernel.store.loading import fact_of, read_log
from tests.support.database import Pool, migrated_database, service_pool
from tests.support.parts import running_parts

FACTS = 20_000
PAGE = 500
ROUNDS = 5


class PeersItemAdded(AggregateEvent):
    """The same fact as an event of the peer."""

    item_id: UUID
    product_id: UUID
    product_type: str
    sku: str
    name: str
    quantity: int
    unit_price: int
    options: dict[str, Any]


class Read(NamedTuple):
    rate: float
    cpu: float
    """Microseconds of this process for each fact."""


def mapper() -> Mapper[UUID]:
    """The mapper of an `eventsourcing` application."""
    transcoder = JSONTranscoder()
    for transcoding in (UUIDAsHex(), DecimalAsStr(), DatetimeAsISO()):
        transcoder.register(transcoding)
    return Mapper(transcoder)


def peers(fact: ItemAdded) -> PeersItemAdded:
    return PeersItemAdded(fact.originator_id, fact.originator_version, NOW, **fact.model_dump())


async def read(pool: Pool) -> list[Fact]:
    facts: list[Fact] = []
    async with pool.acquire() as connection:
        after = 0
        while rows := await read_log(connection, after, PAGE):
            facts += [fact_of(it, MESSAGES) for it in rows]
            after = rows[-1]["position"]
    return facts


def read_by_peer(recorder: PostgresApplicationRecorder, mapper: Mapper[UUID]) -> list[Any]:
    events: list[Any] = []
    after = 0
    while found := recorder.select_notifications(after, PAGE, inclusive_of_start=False):
        events += [mapper.to_domain_event(it) for it in found]
        after = int(found[-1].id)
    return events


async def measured(reading: Callable[[], Awaitable[list[Any]]]) -> Read:
    cpu, began = cpu_seconds(), time.perf_counter()
    facts = await reading()
    seconds = time.perf_counter() - began
    if len(facts) != FACTS:
        raise RuntimeError(f"{len(facts)} of {FACTS} facts were read")
    return Read(FACTS / seconds, (cpu_seconds() - cpu) / FACTS * 1e6)


async def figures(home: Path) -> AsyncIterator[Figure]:
    async with running_parts(home, topics=False) as parts:
        database = await migrated_database("feira_bench", parts.postgres_superuser_url)
        facts = [item_added(ids.new_id()) for _ in range(FACTS)]
        async with service_pool(database) as pool:
            rows = [row(it.originator_id, body=it.body()) for it in facts]
            await pool.copy_records_to_table("log", records=rows, columns=LOG_COLUMNS)
            map_by = mapper()
            with peer.recorder(database.owner_url) as recorder:
                for start in range(0, FACTS, PAGE):
                    page = facts[start : start + PAGE]
                    recorder.insert_events([map_by.to_stored_event(peers(it)) for it in page])
                ours, theirs = [], []
                for _ in range(ROUNDS):
                    ours.append(await measured(lambda: read(pool)))
                    theirs.append(await measured(lambda: asyncio.to_thread(read_by_peer, recorder, map_by)))
        mine, its = max(ours), max(theirs)
        beside = "eventsourcing's notification log"
        yield Figure(
            "facts read and decoded", mine.rate, "/s", beside, its.rate, Goal(">=", 1.5, of_ratio=True)
        )
        yield Figure("client's CPU per fact", mine.cpu, "us", beside, its.cpu)
