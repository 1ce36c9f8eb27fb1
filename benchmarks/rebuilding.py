"""All read models from a million events while people buy and read, beside reading the events alone.

``EVENTS`` of the environment is another number of events.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.figures import Figure, Goal, percentile
from benchmarks.history import history, lasting
from benchmarks.planting import into_topics
from contracts import topology
from contracts.topology import PARTITIONS, read_by
from demo.load.generator import Generator, Plan
from demo.load.mix import DEFAULT, Mix
from demo.shopping.api import Api, client
from projections.models.registry import REGISTRY
from tests.support.stack import RunningStack, running_stack

EVENTS = int(os.environ.get("EVENTS", "1000000"))
PURCHASES, BUYERS = 200, 8
LIVE_RATE = 4.0
"""Purchases a second during the rebuild."""
POLL_SECONDS = 0.1
GROUP = REGISTRY.group
MODELS = tuple(it.name for it in REGISTRY.models)
LANES = tuple(it.scope for it in REGISTRY.models)
"""The planted events count as handled by all of them: any other lane would read them all before a rebuild."""
MAX_SECONDS = 1_800.0
"""Of one rebuild, or of one lane's way back: a benchmark that hangs says so."""
TOPICS = read_by(GROUP)
SENDERS = sorted({it.sender for it in topology.TOPICS if it.name in TOPICS})
LONG_AGO = "2020-01-01"
PAUSE_EVENT = "projection_paused"


async def figures(home: Path) -> AsyncIterator[Figure]:
    with running_stack(home / "stack") as stack:
        where = stack.addresses
        await Generator(Plan(BUYERS, Mix.of(DEFAULT), 1, orders=PURCHASES), where.urls).run()
        async with client() as http:
            api = Api(http, where.urls, "demo")
            await _caught_up(api)
            stay = await lasting(where.databases["offer"])
            pasts = {it: await history(where.databases[it], stay, *TOPICS) for it in SENDERS}
            blocks = -(-EVENTS // sum(map(len, pasts.values())))
            sent = await into_topics(pasts, blocks, where.kafka, where.databases["projections"], LANES)
            bare = await _read_bare(where.kafka, sent)
            checkouts = await _checkouts(api)
            for name, expected in (("all rows differ", blocks * PURCHASES), ("again, few rows differ", 0)):
                rebuild = Rebuild(api, stack)
                await rebuild.carry_out()
                for figure in rebuild.figures(f"{sent:,} events, {name}", bare, jumps=min(1, expected)):
                    yield figure
                checkouts += expected + rebuild.bought
                yield Figure(
                    "  checkouts in the model, less expected",
                    await _checkouts(api) - checkouts,
                    "",
                    goal=Goal("<=", 0),
                )


class Rebuild:
    def __init__(self, api: Api, stack: RunningStack) -> None:
        self._api = api
        self._stack = stack
        self._seen: list[int] = []
        self._waits: list[float] = []
        self._seconds = 0.0
        self._pauses: list[float] = []
        self._purchases: list[float] = []
        self.bought = 0

    async def carry_out(self) -> None:
        pauses_before = len(_pauses(self._stack))
        buying = Generator(Plan(BUYERS, Mix.of(DEFAULT), 2, rate=LIVE_RATE), self._stack.addresses.urls)
        trading = asyncio.create_task(buying.run())
        reading = asyncio.create_task(self._read_on())
        began = time.perf_counter()
        for it in MODELS:
            await self._api.post("projections", f"/v1/projections/{it}/rebuild", "ops", f"{began} {it}")
        runs = [await self._ended(it) for it in MODELS]
        self._seconds = time.perf_counter() - began
        buying.stop()
        await trading
        reading.cancel()
        await _caught_up(self._api)
        if wrong := [it["error"] for it in runs if it["state"] != "completed"]:
            raise RuntimeError(f"a rebuild has failed: {wrong}")
        self._pauses = _pauses(self._stack)[pauses_before:]
        self._purchases, self.bought = buying.tally.latencies, buying.tally.purchases

    def figures(self, what: str, bare: float, jumps: int) -> list[Figure]:
        """``jumps``: how often a read may differ from the one before by more than was bought."""
        leaps = sum(abs(after - before) > PURCHASES for before, after in pairwise(self._seen))
        slowest, reads = max(self._pauses), len(self._seen)
        return [
            Figure(f"rebuild of {what}", self._seconds, "s", "one bare reader", bare, Goal("<", 60)),
            Figure("  live applying was halted, at the longest", slowest, "s"),
            Figure(f"  leaps that {reads:,} reads saw meanwhile", leaps, "", goal=Goal("<=", jumps)),
            Figure("  a read meanwhile, p99", percentile(self._waits, 99) * 1000, "ms"),
            Figure("  a purchase meanwhile, p50", percentile(self._purchases, 50) * 1000, "ms"),
        ]

    async def _read_on(self) -> None:
        while True:
            began = time.perf_counter()
            self._seen.append(await _checkouts(self._api))
            self._waits.append(time.perf_counter() - began)
            await asyncio.sleep(POLL_SECONDS)

    async def _ended(self, model: str) -> dict[str, Any]:
        async with asyncio.timeout(MAX_SECONDS):
            while True:
                found = await self._api.get("projections", f"/v1/projections/{model}", "ops")
                run: dict[str, Any] = found["run"]
                if run["state"] != "running":
                    return run
                await asyncio.sleep(POLL_SECONDS)


async def _checkouts(api: Api) -> int:
    path = "/v1/analytics/conversion"
    page = await api.get("projections", path, "analyst", limit=100, **{"from": LONG_AGO})
    return sum(it["checkouts"] for it in page["items"])


async def _caught_up(api: Api) -> None:
    async with asyncio.timeout(MAX_SECONDS):
        while any(  # noqa: ASYNC110  # the lag is in another process
            it["lag"]["events"] for it in await api.items("projections", "/v1/projections", "ops")
        ):
            await asyncio.sleep(POLL_SECONDS)


def _pauses(stack: RunningStack) -> list[float]:
    lines = stack.log("projections").splitlines()
    return [json.loads(it)["seconds"] for it in lines if PAUSE_EVENT in it]


async def _read_bare(bootstrap: str, records: int) -> float:
    """Seconds of a bare reader that discards the records."""
    parts = [TopicPartition(topic, part) for topic in TOPICS for part in range(PARTITIONS)]
    reader = AIOKafkaConsumer(bootstrap_servers=bootstrap, max_partition_fetch_bytes=4 * 1024 * 1024)
    async with reader:
        reader.assign(parts)
        await reader.seek_to_beginning(*parts)
        began = time.perf_counter()
        async with asyncio.timeout(MAX_SECONDS):
            while records > 0:
                found = await reader.getmany(max_records=10_000, timeout_ms=1000)
                records -= sum(map(len, found.values()))
    return time.perf_counter() - began
