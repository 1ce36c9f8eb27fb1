"""Random choices, ids and times, all derived from the seed."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from uuid import UUID

import checkout_saga.reconciliation.calls
import kernel.ids
import kernel.waiting
from tests.proofs.simulation.scheduler import MS, SECOND, Scheduler, pause


class RandomSource:
    """One random stream for each purpose, so that a purpose left out does not change the others."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._streams: dict[str, random.Random] = {}

    def of(self, purpose: str) -> random.Random:
        found = self._streams.get(purpose)
        if found is None:
            found = self._streams[purpose] = random.Random(f"{self._seed}/{purpose}")
        return found

    def between(self, purpose: str, least: int, most: int) -> int:
        return least + int(self.of(purpose).random() * (most - least))


class Untimed:
    """In the place of ``asyncio`` where a call is limited in time: so is each request in it, on the
    scheduler's clock."""

    @staticmethod
    @asynccontextmanager
    async def timeout(_: float) -> AsyncIterator[None]:
        yield


@contextmanager
def determined(seed: int, number: int, scheduler: Scheduler) -> Iterator[None]:
    """Replace the machine's ids, times and random pauses by the seed's and the scheduler's.

    Each comes from one place of the product: ids from ``kernel.ids``, random pauses from ``kernel.waiting``.
    """
    bits = random.Random(f"{seed}/ids/{number}").getrandbits

    def uuid7() -> UUID:
        moment = scheduler.now.timestamp() * MS
        return UUID(int=int(moment) << 80 | 0x7 << 76 | bits(12) << 64 | 0b10 << 62 | bits(62))

    chance = RandomSource(seed)

    async def jitter(shortest: float, longest: float) -> None:
        await pause(chance.between("retries", int(shortest * SECOND) + MS, int(longest * SECOND) + MS))

    with (
        _instead(kernel.ids, "uuid7", uuid7),
        _instead(kernel.waiting, "jitter", jitter),
        _instead(checkout_saga.reconciliation.calls, "asyncio", Untimed),
    ):
        yield


@contextmanager
def _instead(module: object, name: str, other: object) -> Iterator[None]:
    usual = getattr(module, name)
    setattr(module, name, other)
    try:
        yield
    finally:
        setattr(module, name, usual)
