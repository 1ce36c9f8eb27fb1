"""Random pauses of loops and retries, so that replicas do not act in step.

The only place that sleeps at random: the simulation replaces ``jitter`` by its own clock.
"""

from __future__ import annotations

import asyncio
import random


async def jitter(shortest: float, longest: float) -> None:
    """Sleep for a random number of seconds between the two."""
    await asyncio.sleep(random.uniform(shortest, longest))  # noqa: S311  # jitter, not a secret
