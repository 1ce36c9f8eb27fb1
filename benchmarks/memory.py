"""Whether the memory of any process grows while people buy, once its caches are full (``MINUTES=``)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import linear_regression

from benchmarks.figures import Figure, Goal
from demo.load.generator import Generator, Plan
from demo.load.mix import DEFAULT, Mix
from kernel.store.cache import MAX_AGGREGATES
from tests.support.stack import running_stack

MINUTES = float(os.environ.get("MINUTES") or 2)
BUYERS = 8
POLL_SECONDS = 1.0
WARM_UP_PART = 0.5
"""The part of the load before memory counts."""
ORDERS_TO_FILL_CACHES = MAX_AGGREGATES
"""So many orders, each with a cart of its own, fill every cache: memory is flat only after them."""
MAX_GROWTH_MB = 2.0
"""Megabytes in 10,000 orders: less is noise."""


async def figures(home: Path) -> AsyncIterator[Figure]:
    bought: list[int] = []
    sizes: dict[str, list[float]] = {}
    with running_stack(home) as stack:
        buying = Generator(Plan(BUYERS, Mix.of(DEFAULT), 1, seconds=60 * MINUTES), stack.addresses.urls)
        running = asyncio.create_task(buying.run())
        while not running.done():
            bought.append(buying.tally.purchases)
            for it in stack.status()["processes"]:
                sizes.setdefault(it["name"], []).append(it["rss_bytes"] / 1e6)
            await asyncio.wait({running}, timeout=POLL_SECONDS)
    yield Figure(f"orders in {MINUTES:,.4g} minutes of load", buying.tally.purchases, "")
    first = int(len(bought) * WARM_UP_PART)
    is_warm = bought[first] >= ORDERS_TO_FILL_CACHES
    for name, size in sizes.items():
        slope = linear_regression(bought[first:], size[first:]).slope * 10_000
        since = f"{'after' if is_warm else 'while caches fill, from'} order {bought[first]:,}"
        goal = Goal("<", MAX_GROWTH_MB) if is_warm else None
        yield Figure(f"  {name}, growth in 10,000 orders, {since}", slope, "MB", "all of it", size[-1], goal)
