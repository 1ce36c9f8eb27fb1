"""All that is left to chance, and all that is otherwise taken from the machine: from the seed alone."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

import eventsourcing.domain

import kernel.ids
import kernel.waiting
from tests.proofs.simulation.agenda import MS, SECOND, Agenda, pause


class Chance:
    """A stream of choices for each purpose: where one thing is left out, the others stay as they were."""

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


@contextmanager
def determined(seed: int, number: int, agenda: Agenda) -> Iterator[None]:
    """Ids and times from the seed and the agenda. There is one place each where our code takes them from the
    machine: ``kernel.ids`` makes all ids, and the library dates facts before they are stored."""
    bits = random.Random(f"{seed}/ids/{number}").getrandbits

    def uuid7() -> UUID:
        moment = agenda.now.timestamp() * MS
        return UUID(int=int(moment) << 80 | 0x7 << 76 | bits(12) << 64 | 0b10 << 62 | bits(62))

    chance = Chance(seed)

    async def jitter(shortest: float, longest: float) -> None:
        await pause(chance.between("retries", int(shortest * SECOND) + MS, int(longest * SECOND) + MS))

    def now() -> datetime:
        return agenda.now

    with (
        _instead(kernel.ids, "uuid7", uuid7),
        _instead(kernel.waiting, "jitter", jitter),
        _instead(eventsourcing.domain, "datetime_now_with_tzinfo", now),
    ):
        yield


@contextmanager
def _instead(module: object, name: str, other: Callable[..., object]) -> Iterator[None]:
    usual = getattr(module, name)
    setattr(module, name, other)
    try:
        yield
    finally:
        setattr(module, name, usual)
