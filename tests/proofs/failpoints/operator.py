"""An operator who retries or discards dead letters, and rebuilds read models."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from itertools import count

from contracts.topology import SERVICE_NAMES
from tests.proofs.async_shop import Shop
from tests.proofs.caller import Json
from tests.support.waiting import until

POISON = {"headers", "undecodable"}
"""Reasons of records that can never be handled."""
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
        """Retry all dead letters, and discard poison records."""
        for service in SERVICE_NAMES:
            for shop in self._shops.values():
                for it in await shop.caller.items(service, "/v1/parked", "ops"):
                    await self._resolve(service, shop, it)

    async def clear_one_more_than(self, discarded: int) -> None:
        """Returns once any operator has discarded one more; two may be at work."""

        async def is_done() -> bool:
            await self.clear()
            return self.acts[DISCARD] > discarded

        await until(is_done, DONE_WITHIN)

    async def run(self, kind: str) -> None:
        """Start a ``rebuild`` or ``verify``, unless one is running, and wait for its end."""
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

    async def _resolve(self, service: str, shop: Shop, it: Json) -> None:
        act, body = (DISCARD, {"reason": "a test"}) if it["reason"] in POISON else ("retry", None)
        path = f"/v1/parked/{it['parked_id']}/{act}"
        response = await shop.caller.write(
            "POST", service, path, body, f"{path} {next(self._numbers)}", "ops"
        )
        self.acts[act if response.ok else response.code] += 1
