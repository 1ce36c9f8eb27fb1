"""An operator who discards poison and retries the records that wait behind it, during the whole storm."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping

import asyncpg

from contracts.topology import SERVICE_NAMES
from kernel.postgres.connections import is_outage
from tests.proofs.async_shop import Shop
from tests.proofs.chaos.faults.deliveries import MARK
from tests.support.stack import RunningStack

PARKED = """
    SELECT parked_id, coalesce(tenant, 'demo') AS tenant, grp, record_key, reason,
           reason = 'undecodable' OR EXISTS (
               SELECT FROM jsonb_array_elements(headers) AS it WHERE it ->> 0 = $1) AS poison
    FROM parked WHERE resolved_at IS NULL ORDER BY parked_id
"""
LOOK_EVERY = 2.0
WHY = {"reason": "poison, put there on purpose"}


class Operator:
    """Reads from the database what is poison, and acts through the HTTP interface alone."""

    def __init__(self, stack: RunningStack, shops: Mapping[str, Shop]) -> None:
        self._stack = stack
        self._shops = shops
        self._poisoned: set[tuple[str, str, bytes | None]] = set()
        """Service, group and key of the poison found so far."""
        self._acts = 0
        self.done: Counter[str] = Counter()

    async def work(self) -> None:
        """Runs until cancelled."""
        while True:
            for service in SERVICE_NAMES:
                await self._look_after(service)
            await asyncio.sleep(LOOK_EVERY)

    async def _look_after(self, service: str) -> None:
        try:
            connection = await asyncpg.connect(self._stack.addresses.databases[service], timeout=5)
            try:
                parked = await connection.fetch(PARKED, MARK)
            finally:
                connection.terminate()
        except Exception as away:
            if not is_outage(away):
                raise
            return
        seen = set()
        for it in parked:
            line = service, it["grp"], it["record_key"]
            is_first = line not in seen
            seen.add(line)
            if it["poison"]:
                self._poisoned.add(line)
                await self._act(service, it, "discard", WHY)
            elif is_first and line in self._poisoned:
                await self._act(service, it, "retry", None)

    async def _act(self, service: str, it: asyncpg.Record, act: str, body: Mapping[str, str] | None) -> None:
        self._acts += 1
        path = f"/v1/parked/{it['parked_id']}/{act}"
        name = f"{act} {service} {it['parked_id']} {self._acts}"
        response = await self._shops[it["tenant"]].caller.write("POST", service, path, body, name, "ops")
        self.done[f"{act}: {'done' if response.ok else response.code}"] += 1
        if response.ok:
            self.done[f"{act}: {it['reason']}"] += 1
            self.done["handled_behind"] += response.body["handled"]
