"""CPU of applying facts to each read model, and to all of them, on one core.

Without Kafka, and without the server's CPU: what is left are folds, contributions and the states of subjects.
All facts are such as read models use; each is read once. CPU says more than the clock where others work, too.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from itertools import islice
from pathlib import Path

import projections
from benchmarks.figures import Figure, Goal
from benchmarks.purchase_facts import mixed, relevant
from kernel.messaging.inbound import InboundMessage
from kernel.postgres.service_pool import ServicePool
from kernel.projections.model import ReadModel
from kernel.projections.projector import Projector
from projections.models.registry import REGISTRY
from tests.support.database import migrated_database, service_pool
from tests.support.single_service import running_postgres

COUNT, BATCH = 20_000, 1_000
GOAL = Goal(">=", 3_000)
MIGRATIONS = Path(str(projections.__file__)).parent / "migrations"


async def figures(home: Path) -> AsyncIterator[Figure]:
    facts = [event.received(n) for n, event in enumerate(islice(mixed(relevant), COUNT))]
    began = time.process_time()
    for message in facts:
        message.fact()
    total = time.process_time() - began
    yield Figure("CPU to read a fact", total / COUNT * 1e6, "us")
    async with running_postgres(home) as server:
        database = await migrated_database("feira_projections", server, MIGRATIONS)
        async with service_pool(database, size=1) as pool:
            for model in REGISTRY.models:
                handled = [it for it in facts if it.type in model.types]
                busy = await _apply(model, handled, pool)
                total += busy
                if handled:
                    yield Figure(f"CPU to apply one to {model.name}", busy / len(handled) * 1e6, "us")
    tables = sum(len(model.tables) for model in REGISTRY.models)
    yield Figure(f"facts into all {tables} tables, by CPU", COUNT / total, "/s", goal=GOAL)


async def _apply(model: ReadModel, facts: Sequence[InboundMessage], pool: ServicePool) -> float:
    """Seconds of CPU of this process."""
    projector, busy = Projector(model), 0.0
    for first in range(0, len(facts), BATCH):
        async with pool.acquire() as connection, connection.transaction():
            began = time.process_time()
            await projector.apply(facts[first : first + BATCH], connection)
            busy += time.process_time() - began
    return busy
