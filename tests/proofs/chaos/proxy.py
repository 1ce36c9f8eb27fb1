"""A TCP proxy that disturbs connections: delay, low rate, one direction lost, cut within an answer, reset."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

CHUNK = 65_536
PIECES_A_SECOND = 10
LOOK_EVERY = 0.1
RESET = struct.pack("ii", 1, 0)
"""A linger time of zero: closing sends a reset and drops what was not sent."""


@dataclass(frozen=True)
class Harm:
    """The disturbance of a proxy. The defaults disturb nothing."""

    delay: float = 0.0
    """Seconds by which each piece is delayed, in both directions."""
    answers_per_second: int = 0
    """Bytes; 0: no limit."""
    swallow: str = ""
    """``answers`` or ``requests`` are dropped; the other direction goes through."""
    cut_after: int | None = None
    """Bytes of answers that still get through on each connection before it ends."""


@dataclass(eq=False)
class Link:
    """One connection, with both of its ends."""

    to_client: asyncio.StreamWriter
    to_server: asyncio.StreamWriter
    answered: int = 0
    """Bytes of answers since the proxy's disturbance was last set."""
    mute: str = ""
    """The direction of which bytes were dropped: nothing more may be sent in it, as a part is missing."""

    def close(self) -> None:
        for it in (self.to_client, self.to_server):
            it.close()

    def reset(self) -> None:
        for it in (self.to_client, self.to_server):
            found: socket.socket | None = it.get_extra_info("socket")
            if found:
                with suppress(OSError):
                    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            it.transport.abort()


@dataclass
class Proxy:
    """The proxy between a service and one dependency. Its counts show whether a disturbance had an effect."""

    port: int
    target: int
    """The dependency's port on this machine."""
    harm: Harm = field(default_factory=Harm)
    links: set[Link] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)

    async def open(self) -> asyncio.Server:
        return await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    def hurt(self, harm: Harm, *, mute_for_good: bool = False) -> None:
        """Replace the disturbance. Connections with dropped bytes are reset, or stay silent for ever, as
        behind a router that has lost their state."""
        self.harm = harm
        for link in list(self.links):
            link.answered = 0
            if link.mute and not mute_for_good:
                self._reset(link)

    def reset_all(self) -> None:
        for link in list(self.links):
            self._reset(link)

    def _reset(self, link: Link) -> None:
        self.counts["connections_reset"] += 1
        link.reset()

    async def _accept(self, ours: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        try:
            theirs, to_server = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            to_client.close()
            return
        link = Link(to_client, to_server)
        self.links.add(link)
        ways = [asyncio.create_task(it) for it in (self._requests(ours, link), self._answers(theirs, link))]
        try:
            # once one side has ended, the connection is of no use to the other
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            while link.mute == self.harm.swallow == "requests":
                to_client.close()
                await asyncio.sleep(LOOK_EVERY)  # the end of the connection is lost, too
        finally:
            for task in ways:
                task.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self.links.discard(link)
            link.close()

    async def _requests(self, ours: asyncio.StreamReader, link: Link) -> None:
        while data := await ours.read(CHUNK):
            await self._come_late()
            if "requests" in (self.harm.swallow, link.mute):
                self._swallow(link, "requests", data)
            else:
                link.to_server.write(data)
                await link.to_server.drain()

    async def _answers(self, theirs: asyncio.StreamReader, link: Link) -> None:
        while data := await theirs.read(self._most()):
            await self._come_late()
            if "answers" in (self.harm.swallow, link.mute):
                self._swallow(link, "answers", data)
                continue
            if self.harm.answers_per_second:
                self.counts["bytes_slowed"] += len(data)
                await asyncio.sleep(len(data) / self.harm.answers_per_second)
            allowed = data
            if self.harm.cut_after is not None:
                allowed = data[: max(0, self.harm.cut_after - link.answered)]
            link.answered += len(data)
            link.to_client.write(allowed)
            await link.to_client.drain()
            if len(allowed) < len(data):
                self.counts["connections_cut"] += 1
                return

    def _most(self) -> int:
        rate = self.harm.answers_per_second
        return max(1, rate // PIECES_A_SECOND) if rate else CHUNK

    async def _come_late(self) -> None:
        if self.harm.delay:
            self.counts["pieces_delayed"] += 1
            await asyncio.sleep(self.harm.delay)

    def _swallow(self, link: Link, what: str, data: bytes) -> None:
        self.counts[f"{what}_bytes_swallowed"] += len(data)
        if not link.mute:
            self.counts["connections_gone_mute"] += 1
            link.mute = what
