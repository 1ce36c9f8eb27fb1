"""Somebody who looks after what was put aside, and has read models built anew."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from itertools import count

from contracts.topology import SERVICE_NAMES
from tests.proofs.async_shop import Shop
from tests.proofs.caller import Json
from tests.support.waiting import until

HOPELESS = {"headers", "undecodable"}
"""Reasons of records that nobody will ever be able to read."""
DISCARD = "discard"
MODEL = "conversion"
LOOK_EVERY = 0.2
DONE_WITHIN = 120.0


class Operator:
    def __init__(self, shops: Mapping[str, Shop]) -> None:
        self._shops = shops
        self._numbers = count()
        self.acts: Counter[str] = Counter()

    async def clear(self) -> None:
        """Retry all that is parked, discard what is hopeless."""
        for service in SERVICE_NAMES:
            for shop in self._shops.values():
                for it in await shop.caller.items(service, "/v1/parked", "ops"):
                    await self._see_to(service, shop, it)

    async def clear_one_more_than(self, discarded: int) -> None:
        """Whoever does so: there may be two of us."""

        async def is_done() -> bool:
            await self.clear()
            return self.acts[DISCARD] > discarded

        await until(is_done, DONE_WITHIN)

    async def run(self, kind: str) -> None:
        """``rebuild`` or ``verify``: ask for it, unless one is at work, and wait for its end."""
        shop = next(iter(self._shops.values()))
        name = f"{kind} {next(self._numbers)}"
        await shop.caller.write("POST", "projections", f"/v1/projections/{MODEL}/{kind}", None, name, "ops")
        async with asyncio.timeout(DONE_WITHIN):
            while True:
                found = await shop.caller.read("projections", f"/v1/projections/{MODEL}", "ops")
                if found["run"] is None or found["run"]["state"] != "running":
                    break
                await asyncio.sleep(LOOK_EVERY)
        self.acts[f"{kind} {(found['run'] or {}).get('state')}"] += 1

    async def _see_to(self, service: str, shop: Shop, it: Json) -> None:
        act, body = (DISCARD, {"reason": "a test"}) if it["reason"] in HOPELESS else ("retry", None)
        path = f"/v1/parked/{it['parked_id']}/{act}"
        told = await shop.caller.write("POST", service, path, body, f"{path} {next(self._numbers)}", "ops")
        self.acts[act if told.ok else told.code] += 1
