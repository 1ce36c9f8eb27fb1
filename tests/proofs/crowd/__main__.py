"""500 buyers of 100 units at the same moment: ``python -m tests.proofs.crowd``, ``ROUNDS=10``."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.proofs.async_shop import Shop, by_checkout
from tests.proofs.caller import Caller, Json, client
from tests.proofs.chaos.quiescence import until_quiet
from tests.proofs.verdict import Verdict, number, say
from tests.support.stack import RunningStack, running_stack

BUYERS, UNITS, CENTS = 500, 100, 1999
MAX_CONCURRENT = 32
ANSWER_WITHIN = 120.0
KNOWN_WITHIN = 60.0


class Crowd:
    def __init__(self, shop: Shop, verdict: Verdict) -> None:
        self._shop = shop
        self._verdict = verdict
        self._limited = asyncio.Semaphore(MAX_CONCURRENT)
        self._carts: dict[int, Json] = {}
        """By buyer; a refused buyer uses the unlocked cart again."""

    async def round(self, number: int, product_id: str) -> Json:
        shop, verdict = self._shop, self._verdict
        await shop.count(product_id, UNITS, f"count {number}")
        await asyncio.gather(*(self._fill(it, number, product_id) for it in range(BUYERS)))
        order = list(range(BUYERS))
        verdict.chance(number).shuffle(order)
        began = time.monotonic()
        responses = await asyncio.gather(
            *(shop.check_out(f"{number}/{it}", self._carts[it], "tok_ok", f"buyer-{it}") for it in order)
        )
        verdict.expect(all(it.ok for it in responses), f"round {number}: a checkout was refused")
        ended = await asyncio.gather(*(self._end(it.body["checkout_id"]) for it in responses if it.ok))
        took = time.monotonic() - began
        won = {it["checkout_id"] for it in ended if it["status"] == "completed"}
        for buyer, it in zip(order, ended, strict=True):
            if it["checkout_id"] in won:
                del self._carts[buyer]
            else:
                self._check_refusal(number, it, product_id)
        await self._check_ledger(number, won, {it["checkout_id"] for it in ended})
        verdict.expect(len(won) == UNITS, f"round {number}: {len(won)} of {UNITS} units were sold")
        left = await shop.stock(product_id)
        verdict.expect(left == (0, 0), f"round {number}: {left} on hand and reserved at the end")
        codes = Counter((it["failure"] or {}).get("code", "sold") for it in ended)
        found = {"round": number, "sold": len(won), "ends": dict(codes), "seconds": round(took, 1)}
        say(str(found))
        return found

    async def _fill(self, buyer: int, number: int, product_id: str) -> None:
        if buyer not in self._carts:
            async with self._limited:
                cart = await self._shop.cart(f"{number}/{buyer}", {product_id: 1})
                self._carts[buyer] = cart.body

    async def _end(self, checkout_id: str) -> Json:
        async with self._limited:
            return await self._shop.settled(checkout_id)

    def _check_refusal(self, number: int, it: Json, product_id: str) -> None:
        failure = it["failure"] or {}
        actual = it["status"], failure.get("code"), failure.get("phase"), failure.get("shortages")
        short = [{"product_id": product_id, "requested": 1, "available": 0}]
        expected = "failed", "INSUFFICIENT_INVENTORY", "reserve_stock", short
        self._verdict.expect(actual == expected, f"round {number}: a refused buyer got {actual}")

    async def _check_ledger(self, number: int, won: set[str], all_checkouts: set[str]) -> None:
        """Each winner has paid once; no payment was even authorized for the others."""
        done = by_checkout(await self._shop.ledger())
        paid = [("authorize", "authorized", CENTS), ("capture", "captured", CENTS)]
        for it in won:
            self._verdict.expect(done.get(it) == paid, f"round {number}: {it} won and paid {done.get(it)}")
        for it in all_checkouts - won:
            self._verdict.expect(it not in done, f"round {number}: {it} lost, and yet {done.get(it)}")


async def prove(stack: RunningStack, verdict: Verdict) -> None:
    async with client(ANSWER_WITHIN) as http:
        shop = Shop(Caller(http, stack.addresses.urls, "demo"))
        product_id = await shop.product("the last hundred", CENTS, UNITS)
        if slow := await until_quiet(stack, lambda: 0, KNOWN_WITHIN):
            raise TimeoutError(f"the cart service does not know the product yet: {slow}")
        crowd = Crowd(shop, verdict)
        rounds = [await crowd.round(it, product_id) for it in range(1, number("ROUNDS", 10) + 1)]
        right = sum(it["sold"] == UNITS for it in rounds)
        verdict.figures |= {"buyers": BUYERS, "units": UNITS, "exact": f"{right} of {len(rounds)} rounds"}
        verdict.figures["seconds_by_round"] = [it["seconds"] for it in rounds]


if __name__ == "__main__":
    verdict = Verdict("crowd")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        running_stack(Path(folder) / "home") as stack,
        verdict.taking_down(),
    ):
        asyncio.run(prove(stack, verdict))
    sys.exit(verdict.end())
