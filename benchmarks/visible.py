"""From an append to its record at a consumer, beside what a bare producer waits for its acknowledgement."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from benchmarks.children import together
from benchmarks.figures import Figure, Goal, percentile
from benchmarks.hops import APPEND, CATCH_UP, CONSUME, SEND, SEND_ALL
from tests.support.database import migrated_database
from tests.support.parts import running_parts

HOPS = "benchmarks.hops"
RATE = 1_000
SECONDS = 10
BACKLOG = 40_000
"""Records."""
GOALS = {50: Goal("<", 10), 99: Goal("<", 50)}


async def figures(home: Path) -> AsyncIterator[Figure]:
    async with running_parts(home) as parts:
        database = await migrated_database("feira_bench", parts.postgres_superuser_url)
        common = parts.kafka_bootstrap, RATE, RATE * SECONDS
        (bare,) = await together((HOPS, SEND, *common))
        service, consumer = await together(
            (HOPS, APPEND, *common, database.service_url), (HOPS, CONSUME, *common)
        )
        took = [(consumer["seen"][it] - due) * 1000 for it, due in service["due"].items()]
        acknowledged = [it * 1000 for it in bare["took"]]
        name, beside = f"append to visible at {RATE:,}/s", "a bare producer's send_and_wait"
        for hundredth, goal in GOALS.items():
            peers = percentile(acknowledged, hundredth)
            yield Figure(f"{name}: p{hundredth}", percentile(took, hundredth), "ms", beside, peers, goal)
        yield Figure(f"{name}: the service's CPU", service["cpu"], "us", beside, bare["cpu"])
        backlog = parts.kafka_bootstrap, 0, BACKLOG
        (relay,) = await together((HOPS, CATCH_UP, *backlog, database.service_url))
        (peer,) = await together((HOPS, SEND_ALL, *backlog))
        beside = "a bare producer's send, by the page"
        yield Figure("a relay that catches up", relay["rate"], "/s", beside, peer["rate"])
        yield Figure("a relay that catches up: its CPU", relay["cpu"], "us", beside, peer["cpu"])
