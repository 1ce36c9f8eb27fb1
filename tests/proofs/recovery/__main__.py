"""The duration of a purchase after a kill: ``python -m tests.proofs.recovery``, ``KILLS=``, ``ONLY="kafka"``.

Each process and part is killed again and again. A purchase that begins at that moment must be done within
the part's limit, as measured from the kill.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.proofs import up_without_backoff
from tests.proofs.async_shop import Shop
from tests.proofs.caller import Caller, client
from tests.proofs.chaos.quiescence import until_quiet
from tests.proofs.recovery.limits import Limits
from tests.proofs.verdict import Verdict, number, say
from tests.support.stack import RunningStack, running_stack

ANSWER_WITHIN = 12.0
"""Seconds for one answer; a request without one is sent again under the same key."""
LONGEST_PAUSE = 0.1
"""Seconds between two attempts; short, because the customer's own pauses are not to be measured."""
AT_REST_WITHIN = 120.0
ON_HAND = 100_000


class Recovery:
    def __init__(self, stack: RunningStack, shop: Shop, verdict: Verdict) -> None:
        self._stack = stack
        self._shop = shop
        self._verdict = verdict
        self._product_id = ""

    async def prove(self, parts: Iterable[str], kills: int, limits: Limits) -> None:
        self._product_id = await self._shop.product("something to buy", 1999, ON_HAND)
        await self._rest()
        calm = [await self._buy(f"calm {it}") for it in range(5)]
        figures: dict[str, Mapping[str, float]] = {"nothing killed": _figures(calm)}
        for part in parts:
            seconds = []
            for kill in range(1, kills + 1):
                took = await self._after_killing(part, f"{part} {kill}")
                limit = limits.of(part)
                self._verdict.expect_in_time(
                    took <= limit,
                    f"{part}, kill {kill}: a purchase was done after {took:.1f} s, not within {limit:.0f} s",
                )
                seconds.append(took)
            figures[part] = _figures(seconds)
            say(f"{part}: {figures[part]}")
        self._verdict.figures["seconds_until_the_next_purchase"] = figures

    async def _after_killing(self, part: str, name: str) -> float:
        """Seconds from the kill to the end of a purchase that begins then."""
        restarts = self._restarts(part)
        os.kill(int(self._stack.process(part)["pid"]), signal.SIGKILL)
        took = await self._buy(name)
        async with asyncio.timeout(AT_REST_WITHIN):
            while self._is_not_back(part, restarts):  # noqa: ASYNC110  # a file says so
                await asyncio.sleep(0.05)
        await self._rest()
        await self._buy(f"{name}, calm again")
        return took

    def _is_not_back(self, part: str, restarts: int) -> bool:
        return self._stack.status()["state"] != "ready" or self._restarts(part) == restarts

    def _restarts(self, part: str) -> int:
        return int(self._stack.process(part)["restarts"])

    async def _buy(self, name: str) -> float:
        began = time.monotonic()
        cart = await self._shop.cart(name, {self._product_id: 1})
        response = await self._shop.check_out(name, cart.body, "tok_ok", name.replace(" ", "-"))
        if not response.ok:
            raise AssertionError(f"{name}: the checkout was refused: {response.status} {response.body}")
        ended = await self._shop.settled(response.body["checkout_id"])
        self._verdict.expect(ended["status"] == "completed", f"{name}: {ended}")
        return time.monotonic() - began

    async def _rest(self) -> None:
        if slow := await until_quiet(self._stack, lambda: 0, AT_REST_WITHIN):
            raise TimeoutError(f"the stack does not become quiescent: {slow}")


def _figures(seconds: list[float]) -> Mapping[str, float]:
    return {
        "times": len(seconds),
        "median": round(statistics.median(seconds), 2),
        "worst": round(max(seconds), 2),
    }


async def prove(stack: RunningStack, verdict: Verdict) -> None:
    parts = os.environ.get("ONLY", "").split() or [it["name"] for it in stack.status()["processes"]]
    async with client(ANSWER_WITHIN) as http:
        shop = Shop(Caller(http, stack.addresses.urls, "demo", longest_pause=LONGEST_PAUSE))
        await Recovery(stack, shop, verdict).prove(parts, number("KILLS", 10), Limits())


if __name__ == "__main__":
    verdict = Verdict("recovery")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        # without growing pauses between restarts: they would be measured instead
        running_stack(Path(folder) / "home", command=up_without_backoff.COMMAND) as stack,
        verdict.taking_down(),
    ):
        asyncio.run(prove(stack, verdict))
    sys.exit(verdict.end())
