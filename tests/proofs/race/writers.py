"""One process of the race: a few writers, each with an event store and connections of its own.

``python -m tests.proofs.race.writers DATABASE_URL SECONDS WRITERS SEED``
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from uuid import NAMESPACE_OID, uuid5

from contracts.topics import MESSAGES
from kernel.postgres.connections import create_pool
from kernel.store.event_store import EventStore
from tests.integration.kernel.shelf import put_on_shelf

SHELVES = [uuid5(NAMESPACE_OID, f"shelf {it}") for it in range(200)]
"""Shared by all writers, so that some conflict, roll back, and leave gaps in the positions."""


async def write(url: str, end: float, chance: random.Random) -> None:
    async with await create_pool(url, "test", 2) as pool:
        store = EventStore(pool, MESSAGES)
        while time.monotonic() < end:
            await put_on_shelf(store, chance.choice(SHELVES), 1)


async def main(url: str, seconds: float, writers: int, seed: str) -> None:
    end = time.monotonic() + seconds
    await asyncio.gather(*(write(url, end, random.Random(f"{seed}/{it}")) for it in range(writers)))


if __name__ == "__main__":
    database_url, lasting, count, seeded = sys.argv[1:]
    asyncio.run(main(database_url, float(lasting), int(count), seeded))
