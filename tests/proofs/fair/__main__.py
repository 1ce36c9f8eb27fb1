"""The effect of one tenant's load on another tenant: ``python -m tests.proofs.fair``, within a minute.

The other tenant is measured without load and under three loads: 250 checkouts at a silent gateway, 64 carts
at a time with large metadata, and 1,500 event streams of one checkout.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from tests.proofs.async_shop import Shop
from tests.proofs.caller import Caller, client
from tests.proofs.chaos.quiescence import until_quiet
from tests.proofs.verdict import Verdict, say
from tests.support.stack import RunningStack, running_stack

SILENT_CHECKOUTS, CARTS_AT_ONCE, STREAMS = 250, 64, 1500
KNOWN_WITHIN = 60.0
PURCHASES, READS = 12, 150
READ_EVERY = 0.02
AT_MOST = 2.0
"""Factor to the duration without load, at the 99th percentile."""
PACE = {"read": 0.05, "purchase": 0.75}
"""Seconds: the least duration to compare with, so that noise of the machine is not measured."""

Act = Callable[[], Awaitable[object]]


async def seconds_of(act: Act, times: int, pause: float = 0.0) -> list[float]:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        await act()
        took.append(time.perf_counter() - began)
        await asyncio.sleep(pause)
    return sorted(took)


@asynccontextmanager
async def noisy_tenant(*what: object) -> AsyncIterator[list[str]]:
    """Run the load during the block; yields the lines that it prints."""
    command = (sys.executable, "-m", "tests.proofs.fair.noisy_tenant", *map(str, what))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    lines: list[str] = []

    async def listen() -> None:
        while process.stdout and (line := await process.stdout.readline()):
            lines.append(line.decode().strip())

    listening = asyncio.create_task(listen())
    try:
        yield lines
    finally:
        process.kill()
        await process.wait()
        await listening


class Fairness:
    def __init__(self, stack: RunningStack, verdict: Verdict, demo: Shop, rival: Shop) -> None:
        self._stack = stack
        self._urls = stack.addresses.urls
        self._verdict = verdict
        self._demo = demo
        self._rival = rival

    async def prove(self) -> None:
        rival_product = await self._rival.product("rival's", 1000, 10_000)
        demo_product = await self._demo.product("demo's", 1000, 10_000)
        if slow := await until_quiet(self._stack, lambda: 0, KNOWN_WITHIN):
            raise TimeoutError(f"the cart service does not know the products yet: {slow}")
        await seconds_of(lambda: self._buys(self._rival, rival_product), 5)
        await self._requests()
        await self._streams(rival_product, demo_product)
        await self._calls(rival_product, demo_product)

    async def _requests(self) -> None:
        cart = (await self._rival.cart(uuid4().hex, {})).body["cart_id"]
        await self._compare(
            "requests",
            "read",
            lambda: self._reads("cart", f"/v1/carts/{cart}"),
            noisy_tenant("carts", self._urls["cart"], CARTS_AT_ONCE),
        )

    async def _streams(self, rival_product: str, demo_product: str) -> None:
        checkout_id = await self._start_checkout(self._demo, demo_product, "tok_down")
        path = f"/v1/checkouts/{checkout_id}"
        theirs = await self._start_checkout(self._rival, rival_product, "tok_ok")
        await self._compare(
            "streams",
            "read",
            lambda: asyncio.gather(self._demo.checkout(checkout_id), self._rival.checkout(theirs)),
            noisy_tenant("streams", self._urls["checkout-saga"], STREAMS, f"{path}/events"),
        )

    async def _calls(self, rival_product: str, demo_product: str) -> None:
        @asynccontextmanager
        async def silence() -> AsyncIterator[list[str]]:
            started = await asyncio.gather(
                *(self._start_checkout(self._demo, demo_product, "tok_down") for _ in range(SILENT_CHECKOUTS))
            )
            yield [f"{len(started)} begun"]

        await self._compare("calls", "purchase", lambda: self._buys(self._rival, rival_product), silence())

    async def _compare(self, what: str, kind: str, act: Act, crowd: object) -> None:
        times, pause = (READS, READ_EVERY) if kind == "read" else (PURCHASES, 0.0)
        peace = await seconds_of(act, times, pause)
        async with crowd as lines:  # type: ignore[attr-defined]  # a context manager
            await asyncio.sleep(2.5)
            crowded = await seconds_of(act, times, pause)
            say(f"{what}: {lines[-1:]}")
        figures = {
            it: round(at(one, share) * 1000, 1)
            for it, one, share in (
                ("peace p50", peace, 0.5),
                ("peace p99", peace, 0.99),
                ("crowded p50", crowded, 0.5),
                ("crowded p99", crowded, 0.99),
            )
        }
        say(f"{what}, ms a {kind}: {figures}")
        self._verdict.figures[what] = figures
        allowed = AT_MOST * max(at(peace, 0.99), PACE[kind])
        self._verdict.expect(at(crowded, 0.99) <= allowed, f"{what}: another's {kind} takes {figures}")

    async def _reads(self, service: str, path: str) -> None:
        await self._rival.caller.read(service, path)

    async def _buys(self, shop: Shop, product_id: str) -> None:
        checkout_id = await self._start_checkout(shop, product_id, "tok_ok")
        ended = await shop.settled(checkout_id)
        self._verdict.expect(ended["status"] == "completed", f"a purchase ended as {ended['failure']}")

    async def _start_checkout(self, shop: Shop, product_id: str, token: str) -> str:
        name = uuid4().hex
        cart = await shop.cart(name, {product_id: 1})
        lines = await shop.check_out(name, cart.body, token, name)
        return str(lines.body["checkout_id"])


def at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def prove(stack: RunningStack, verdict: Verdict) -> None:
    async with client(60) as http:
        demo, rival = (Shop(Caller(http, stack.addresses.urls, it)) for it in ("demo", "rival"))
        await Fairness(stack, verdict, demo, rival).prove()


if __name__ == "__main__":
    verdict = Verdict("fair")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        running_stack(Path(folder) / "home") as stack,
        verdict.taking_down(),
    ):
        asyncio.run(prove(stack, verdict))
    sys.exit(verdict.end())
