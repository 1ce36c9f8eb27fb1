"""Facts from Kafka into the three read models, effectively once, beside the same handled one by one.

Offsets, deduplication, the read models and their checkpoints change in one transaction per batch. The
projections' own consumer reads what it reads in production: all facts on the topics of carts and
checkouts, 32 of a purchase, of which a read model uses seven. The last figure is for such facts alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from itertools import islice
from pathlib import Path

import projections
from benchmarks.consuming import ConsumerOf, Outgoing, measure_consumer, publish
from benchmarks.figures import Figure, Goal
from benchmarks.purchase_facts import mixed, relevant, whole
from contracts.topics import MESSAGES
from kernel.messaging.batch import Guard
from kernel.messaging.consumer import MAX_RECORDS, Consumer
from kernel.observability.health import Heartbeats
from kernel.postgres.service_pool import ServicePool
from kernel.projections.projector import Projector
from kernel.projections.rebuild.version_gate import VersionGate
from kernel.store.event_store import EventStore
from kernel.store.writing import Connection
from projections.app import MIN_BATCH_INTERVAL
from projections.models.registry import REGISTRY
from tests.support.database import migrated_database, service_pool
from tests.support.parts import running_parts
from tests.support.purchases import Purchase

COUNT = 60_000
ONE_BY_ONE = 1_000
GOAL = Goal(">=", 10_000)
MIGRATIONS = Path(str(projections.__file__)).parent / "migrations"


async def figures(home: Path) -> AsyncIterator[Figure]:
    async with running_parts(home) as parts:
        bootstrap, group = parts.kafka_bootstrap, REGISTRY.group
        database = await migrated_database("feira_projections", parts.postgres_superuser_url, MIGRATIONS)
        async with service_pool(database) as pool:
            await publish(bootstrap, _outgoing(whole, COUNT))
            single = await measure_consumer(
                group, pool, ONE_BY_ONE, _consumer(pool, bootstrap, min_interval=0, max_records=1)
            )
            beside = "handled one by one", single.a_second
            speed = await measure_consumer(group, pool, COUNT, _consumer(pool, bootstrap))
            yield Figure("facts of purchases into three read models", speed.a_second, "/s", *beside, GOAL)
            yield Figure("CPU of the consumer for one of them", speed.cpu_us, "us", beside[0], single.cpu_us)
            await publish(bootstrap, _outgoing(relevant, COUNT // 2))
            speed = await measure_consumer(group, pool, COUNT + COUNT // 2, _consumer(pool, bootstrap))
            yield Figure("facts that read models use", speed.a_second, "/s", *beside, GOAL)
            yield Figure("CPU of the consumer for one of these", speed.cpu_us, "us")


def _outgoing(purchases: Callable[[int], Purchase], many: int) -> list[Outgoing]:
    facts = islice(mixed(purchases), many)
    return [Outgoing(it.topic, it.key, it.fact.body(), it.headers) for it in facts]


def _consumer(
    pool: ServicePool,
    bootstrap: str,
    min_interval: float = MIN_BATCH_INTERVAL,
    max_records: int = MAX_RECORDS,
) -> ConsumerOf:
    """The consumer of the projections service."""
    heartbeats = Heartbeats()
    version_gate = VersionGate(pool, REGISTRY.models, lambda _: None, heartbeats)

    def consumer(seen: Guard) -> Consumer:
        async def guard(connection: Connection) -> None:
            await seen(connection)
            await version_gate.guard(connection)

        return Consumer(
            REGISTRY.group,
            REGISTRY.topics,
            [Projector(it) for it in REGISTRY.models],
            EventStore(pool, MESSAGES),
            bootstrap,
            heartbeats,
            min_interval=min_interval,
            guard=guard,
            max_records=max_records,
        )

    return consumer
