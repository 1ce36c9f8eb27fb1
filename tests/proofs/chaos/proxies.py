"""The proxies of a stack, in a process of their own, and its control connection."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any

import uvloop

from devstack import ports
from tests.proofs.chaos.proxy import Harm, Proxy

OPEN_WITHIN = 20.0
ANSWERS_WITHIN = 20.0
RESET_ALL = "reset all"


@dataclass(frozen=True)
class Proxies:
    """Ports by the proxies' names, such as ``cart-kafka``."""

    control: int
    port: Mapping[str, int]
    target: Mapping[str, int]

    async def hurt(self, name: str, harm: Harm, *, mute_for_good: bool = False) -> None:
        await self._ask({"proxy": name, "harm": asdict(harm), "mute_for_good": mute_for_good})

    async def reset_all(self, name: str) -> None:
        await self._ask({"proxy": name, "do": RESET_ALL})

    async def counts(self, name: str) -> dict[str, int]:
        """How often it has done what to connections, since it was opened."""
        return dict(await self._ask({"proxy": name}))

    async def _ask(self, what: Mapping[str, Any]) -> dict[str, int]:
        async with asyncio.timeout(ANSWERS_WITHIN):
            reader, writer = await asyncio.open_connection(ports.HOST, self.control)
            try:
                writer.write(json.dumps(what).encode() + b"\n")
                counts: dict[str, int] = json.loads(await reader.readline())
                return counts
            finally:
                writer.close()


@contextmanager
def open_proxies(targets: Mapping[str, int], taken: Sequence[int] = ()) -> Iterator[Proxies]:
    """``targets``: the port behind each proxy, which need not listen yet; ``taken``: ports not to use."""
    used = [*targets.values(), *taken]
    chosen: dict[str, int] = {}
    for name in ("", *targets):
        chosen[name] = ports.free(excluding=(*used, *chosen.values()))
    proxies = Proxies(chosen.pop(""), chosen, dict(targets))
    child = subprocess.Popen(
        (sys.executable, "-m", "tests.proofs.chaos.proxies", json.dumps(asdict(proxies))),
        stdin=subprocess.PIPE,
    )
    try:
        _wait_for(proxies, child)
        yield proxies
    finally:
        child.terminate()
        child.wait()


def _wait_for(proxies: Proxies, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + OPEN_WITHIN
    while child.poll() is None and time.monotonic() < deadline:
        with suppress(OSError):
            asyncio.run(proxies.counts(next(iter(proxies.port))))
            return
        time.sleep(0.05)
    raise AssertionError("the proxies do not start")


async def _serve(proxies: Proxies) -> None:
    """Serve until the parent process has ended."""
    by_name = {it: Proxy(proxies.port[it], proxies.target[it]) for it in proxies.port}

    async def obey(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        what = json.loads(await reader.readline())
        proxy = by_name[what["proxy"]]
        if "harm" in what:
            proxy.hurt(Harm(**what["harm"]), mute_for_good=what["mute_for_good"])
        elif what.get("do") == RESET_ALL:
            proxy.reset_all()
        writer.write(json.dumps(proxy.counts).encode() + b"\n")
        writer.close()

    async with AsyncExitStack() as stack:
        for proxy in by_name.values():
            await stack.enter_async_context(await proxy.open())
        await stack.enter_async_context(await asyncio.start_server(obey, ports.HOST, proxies.control))
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(_serve(Proxies(**json.loads(sys.argv[1]))))
