"""The event loop's lag shows what has blocked it."""

from __future__ import annotations

import asyncio
import time

from prometheus_client import REGISTRY

from kernel.observability.event_loop import INTERVAL_SECONDS, measure_event_loop
from tests.support.waiting import until

BLOCKED_SECONDS = 0.3


def lag() -> float:
    return REGISTRY.get_sample_value("feira_event_loop_lag_seconds") or 0.0


async def test_a_computation_that_blocks_the_loop_is_seen() -> None:
    measuring = asyncio.create_task(measure_event_loop())
    await asyncio.sleep(0)
    time.sleep(INTERVAL_SECONDS + BLOCKED_SECONDS)  # noqa: ASYNC251  # blocks the loop on purpose
    await until(lambda: lag() >= BLOCKED_SECONDS * 0.9)
    measuring.cancel()
    assert lag() < INTERVAL_SECONDS + 2 * BLOCKED_SECONDS + 1
