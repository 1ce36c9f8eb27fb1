"""The disk that an order takes: of each database, and of the topics on one broker."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg

from benchmarks.checkout import SETTINGS, purchases, put_on_sale
from benchmarks.figures import Figure
from contracts.topology import SERVICE_NAMES, TOPIC_NAMES
from tests.support.stack import RunningStack, running_stack

AT_ONCE = 16
SECONDS = 60.0
KIB = 1024


async def figures(home: Path) -> AsyncIterator[Figure]:
    """Without replicas, backups and the write-ahead log that is kept for them."""
    with running_stack(home, SETTINGS) as stack:
        products = await put_on_sale(stack)
        await purchases(stack, products, AT_ONCE, 5.0)
        before = await _sizes(stack)
        orders = len(await purchases(stack, products, AT_ONCE, SECONDS))
        grown = await _sizes(stack) - before
        for part in sorted(grown):
            yield Figure(f"disk per order, {part}", grown[part] / orders / KIB, "KiB")
        yield Figure("disk per order", grown.total() / orders / KIB, "KiB")


async def _sizes(stack: RunningStack) -> Counter[str]:
    """Bytes, after a checkpoint and with dead rows removed."""
    found: Counter[str] = Counter()
    for service in SERVICE_NAMES:
        connection = await asyncpg.connect(stack.addresses.databases[service])
        try:
            await connection.execute("VACUUM (FREEZE, ANALYZE)")
            found[f"database of {service}"] = await connection.fetchval(
                "SELECT pg_database_size(current_database())"
            )
        finally:
            await connection.close()
    for topic in TOPIC_NAMES:
        folders = (stack.home / "kafka").rglob(f"{topic}-*")
        found[f"topic {topic}"] = sum(
            file.stat().st_blocks * 512 for folder in folders for file in folder.glob("*.log")
        )
    return found
