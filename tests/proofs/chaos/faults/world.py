"""What faults act on: the stack, its proxies and disk, and which processes are up."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

from devstack.ports import HOST
from tests.proofs.chaos.proxies import Proxies
from tests.support.stack import RunningStack

BACK_WITHIN = 150.0
LOOK_EVERY = 0.05

Effect: TypeAlias = Mapping[str, float]
"""The measured effect of a fault, in figures."""


def customers_proxy(service: str) -> str:
    return f"customers-{service}"


class NoEffect(Exception):
    """The fault was caused, but can have had no effect."""


@dataclass
class World:
    stack: RunningStack
    proxies: Proxies | None = None
    disk: Path | None = None
    """The disk of the stack's home, if it has one of its own."""
    dead: set[tuple[int, int]] = field(default_factory=set)
    """Killed processes, by process id and number of restarts, because ids are reused; the stack may not have
    noticed yet."""
    seen: dict[int, int] = field(default_factory=dict)
    """Number of restarts by process id, when last looked up."""
    busy: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """By process name: held while a fault acts on it."""
    shift: timedelta = timedelta()
    """Shift of the databases' clocks."""
    troubles: list[str] = field(default_factory=list)
    """Violations found by faults themselves."""

    @property
    def urls(self) -> Mapping[str, str]:
        """Addresses for customers: the proxies for customers, where there are any."""
        proxies = self.proxies.port if self.proxies else {}
        return {
            name: f"http://{HOST}:{proxies[customers_proxy(name)]}"
            if customers_proxy(name) in proxies
            else url
            for name, url in self.stack.addresses.urls.items()
        }

    async def running(self, name: str, chance: random.Random) -> int:
        """Wait until it is ready after its last kill; in half of the cases until it has been started."""
        return await self._in_state(name, {"ready"} if chance.random() < 0.5 else {"ready", "starting"})

    async def ready(self, name: str) -> int:
        """Wait until it is ready after its last kill. Returns its process id."""
        return await self._in_state(name, {"ready"})

    async def _in_state(self, name: str, enough: set[str]) -> int:
        async with asyncio.timeout(BACK_WITHIN):
            while True:
                found = self.stack.process(name)
                one = found["pid"], found["restarts"]
                if one not in self.dead and found["state"] in enough and found["rss_bytes"]:
                    self.seen |= [one]
                    return int(found["pid"])
                await asyncio.sleep(LOOK_EVERY)

    def has_died(self, pid: int) -> None:
        self.dead.add((pid, self.seen[pid]))

    async def proxy(self, name: str) -> tuple[Proxies, Mapping[str, int]]:
        """The proxies, and the counts of this one so far."""
        if self.proxies is None:
            raise RuntimeError("this stack has no proxies")
        return self.proxies, await self.proxies.counts(name)


Act: TypeAlias = Callable[[World, str, random.Random], Awaitable[Effect]]
"""Causes a kind of fault on a target."""
