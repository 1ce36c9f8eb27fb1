"""Facts from Kafka into all read models, effectively once, beside the same handled one by one.

Offsets, deduplication, the read models and their checkpoints change in one transaction per batch. The
projections' own consumer reads what it reads in production: all facts on the topics of carts and
checkouts, 32 of a purchase, of which a read model uses seven. The last figure is for such facts alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import islice
from pathlib import Path

import projections
from benchmarks.consuming import ConsumerOf, Outgoing, measure_consumer, publish
from benchmarks.figures import Figure, Goal
from benchmarks.purchase_facts import mixed, relevant, whole
from contracts.topics import MESSAGES
from kernel.messaging.batch import Guard
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.consumer import MAX_RECORDS, GroupMember
from kernel.messaging.inbound import InboundMessage
from kernel.observability.health import Heartbeats
from kernel.postgres.service_pool import ServicePool
from kernel.projections.fan_out import FanOut
from kernel.projections.model import ReadModel
from kernel.projections.projector import Projector
from kernel.store.event_store import EventStore
from kernel.store.writing import Connection
from projections.app import MIN_BATCH_INTERVAL
from projections.models.conversion.model import CONVERSION
from projections.models.registry import REGISTRY
from tests.support.database import migrated_database, service_pool
from tests.support.parts import running_parts
from tests.support.purchases import Purchase

COUNT = 60_000
ONE_BY_ONE = 1_000
CURRENT = """
    INSERT INTO read_model (name, version) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET version = excluded.version
"""
"""A read model whose migration came without rows would wait for a rebuild, and its lane handle nothing."""
GOAL = Goal(">=", 3_000)
GOAL_CPU = Goal("<", 1e6 / GOAL.bound)
"""On a loaded machine the time says little: so many facts a second on one core."""
MIGRATIONS = Path(str(projections.__file__)).parent / "migrations"


async def figures(home: Path) -> AsyncIterator[Figure]:
    async with running_parts(home) as parts:
        bootstrap = parts.kafka_bootstrap
        database = await migrated_database("feira_projections", parts.postgres_superuser_url, MIGRATIONS)
        async with service_pool(database) as pool:
            for model in REGISTRY.models:
                await pool.execute(CURRENT, model.name, model.version)
            first, more = _outgoing(whole, COUNT), _outgoing(relevant, COUNT // 2)
            await publish(bootstrap, first)
            single = await measure_consumer(
                {CONVERSION.scope: ONE_BY_ONE},
                pool,
                _consumer(pool, bootstrap, min_interval=0, max_records=1),
            )
            beside = "handled one by one", single.a_second
            speed = await measure_consumer(_ends(first), pool, _consumer(pool, bootstrap))
            yield Figure("facts of purchases into all read models", speed.a_second, "/s", *beside, GOAL)
            alone = beside[0], single.cpu_us
            yield Figure("CPU of the consumer for one of them", speed.cpu_us, "us", *alone, GOAL_CPU)
            await publish(bootstrap, more)
            speed = await measure_consumer(_ends(first + more), pool, _consumer(pool, bootstrap))
            yield Figure("facts that read models use", speed.a_second, "/s", *beside, GOAL)
            yield Figure("CPU of the consumer for one of these", speed.cpu_us, "us", goal=GOAL_CPU)


def _outgoing(purchases: Callable[[int], Purchase], many: int) -> list[Outgoing]:
    facts = islice(mixed(purchases), many)
    return [Outgoing(it.topic, it.key, it.fact.body(), it.headers) for it in facts]


def _ends(sent: Sequence[Outgoing]) -> dict[str, int]:
    """What the offsets of each lane add up to once it has handled all of these; conversion's first."""
    on_topic = Counter(it.topic for it in sent)
    return {it.scope: sum(on_topic[topic] for topic in REGISTRY.topics_of(it)) for it in REGISTRY.models}


def _consumer(
    pool: ServicePool,
    bootstrap: str,
    min_interval: float = MIN_BATCH_INTERVAL,
    max_records: int = MAX_RECORDS,
) -> ConsumerOf:
    """The consumer of the projections service."""

    def consumer(seen: Guard) -> GroupMember:
        store = EventStore(pool, MESSAGES)
        handlers = {it.scope: Marked(it, seen) for it in REGISTRY.models}
        return GroupMember(
            REGISTRY.group,
            REGISTRY.topics,
            FanOut.of(
                REGISTRY,
                handlers,
                store,
                lambda _: None,
                KafkaConnection(bootstrap),
                heartbeats := Heartbeats(),
            ),
            KafkaConnection(bootstrap),
            heartbeats,
            min_interval=min_interval,
            max_records=max_records,
        )

    return consumer


class Marked(Projector):
    def __init__(self, model: ReadModel, seen: Guard) -> None:
        super().__init__(model)
        self._seen = seen

    async def apply(self, batch: Sequence[InboundMessage], connection: Connection) -> None:
        await self._seen(connection)
        await super().apply(batch, connection)
