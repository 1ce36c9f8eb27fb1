"""What a fault finds when it strikes: the stack, its doors, and who is up."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

from cli.stack.ports import HOST
from tests.proofs.chaos.proxies import Proxies
from tests.support.stack import RunningStack

BACK_WITHIN = 150.0
LOOK_EVERY = 0.05

Effect: TypeAlias = Mapping[str, float]
"""What it did, in figures, as seen by whoever did it."""


def customers_proxy(service: str) -> str:
    return f"customers-{service}"


class NoEffect(Exception):
    """It was done, and nobody can have felt it."""


@dataclass
class World:
    stack: RunningStack
    proxies: Proxies | None = None
    disk: Path | None = None
    """The home's own, if it has one."""
    dead: set[tuple[int, int]] = field(default_factory=set)
    """Processes that have been killed, by number and how often theirs had been started, for numbers come
    again after thousands; the stack may not have noticed yet."""
    seen: dict[int, int] = field(default_factory=dict)
    """How often those that were looked at had been started."""
    busy: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """Held while something is done to what bears this name."""
    shift: timedelta = timedelta()
    """Of the databases' clocks."""
    troubles: list[str] = field(default_factory=list)
    """What a fault has found to be as it must not be."""

    @property
    def urls(self) -> Mapping[str, str]:
        """Where customers find the services: behind doors of their own, where there are any."""
        proxies = self.proxies.port if self.proxies else {}
        return {
            name: f"http://{HOST}:{proxies[customers_proxy(name)]}"
            if customers_proxy(name) in proxies
            else url
            for name, url in self.stack.addresses.urls.items()
        }

    async def running(self, name: str, chance: random.Random) -> int:
        """Wait until it has been ready since its last death; half of the time its start is enough."""
        return await self._in_state(name, {"ready"} if chance.random() < 0.5 else {"ready", "starting"})

    async def ready(self, name: str) -> int:
        """Wait until it has been ready since its last death."""
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
        """And what has been done there so far."""
        if self.proxies is None:
            raise RuntimeError("this stack has no doors")
        return self.proxies, await self.proxies.counts(name)


Act: TypeAlias = Callable[[World, str, random.Random], Awaitable[Effect]]
"""What a kind of fault does to its target."""
