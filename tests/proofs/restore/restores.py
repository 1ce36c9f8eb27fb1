"""Bring each database back under load, and recover it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from contracts.topology import CHECKOUT, PUBLISHERS, SERVICES
from kernel.postgres.log_fence import TOPICS_AHEAD
from tests.proofs.async_shop import Shop
from tests.proofs.chaos.quiescence import BEHIND, until_nothing, until_quiet
from tests.proofs.chaos.verification import verify
from tests.proofs.restore.customers import Customers
from tests.proofs.restore.earlier_database import beside_the_log, bring_back, moment_of, rows_of
from tests.proofs.restore.people import People
from tests.proofs.verdict import Verdict, say
from tests.support.stack import PROGRAM, RunningStack

WAITING = 3
SECONDS_BEFORE, SECONDS_LOST = 2.0, 3.0
NOTICED_WITHIN = READY_WITHIN = 60.0
QUIET_WITHIN = 120.0
ANSWER_WITHIN = 12.0
ON_HAND = 1_000_000
PRICE = {"amount": 1999, "currency": "USD"}
WRITES: Mapping[str, tuple[str, Any]] = {
    "cart": ("/v1/carts", {"session_id": "refused", "currency": "USD"}),
    "offer": (
        "/v1/products",
        {"sku": "refused", "name": "refused", "type": "physical_product", "prices": [PRICE]},
    ),
    "checkout-saga": (
        "/v1/checkouts",
        {
            "cart_id": "01980000-0000-7000-8000-000000000001",
            "customer": {"id": "refused", "email": "a.customer@customers.example"},
            "payment": {"method": "card", "token": "tok_ok"},
        },
    ),
}
"""A valid request of each service that has a log."""


class Restores:
    def __init__(
        self, stack: RunningStack, shop: Shop, customers: Customers, verdict: Verdict, archive: Path
    ) -> None:
        self._stack = stack
        self._shop = shop
        self._customers = customers
        self._verdict = verdict
        self._archive = archive
        self._backup = archive.with_name("backup")

    async def prove(self) -> None:
        async with self._customers.buying():
            await asyncio.sleep(SECONDS_BEFORE)
            began = time.monotonic()
            await self._feira("backup", "--to", str(self._backup))
            figures: dict[str, Any] = {"backup": {"seconds": round(time.monotonic() - began, 1)}}
        await self._feira("backup", "check", str(self._backup))
        for service in SERVICES:
            figures[service.name] = await self._restore(service.name, service.database)
            say(f"{service.name}: {figures[service.name]}")
        self._verdict.figures["restores"] = figures
        self._verdict.figures["compared"] = await verify(self._stack, self._verdict)
        self._verdict.figures["purchases"] = len(self._customers.completed)
        await self._all_orders_are_there()

    async def _restore(self, service: str, database: str) -> dict[str, Any]:
        server = self._stack.addresses.postgres
        people = People(self._stack, self._shop, self._customers, self._verdict, service)
        async with self._customers.buying():
            await people.come()
            await asyncio.sleep(SECONDS_BEFORE)
            moment = await moment_of(server)
            await asyncio.sleep(SECONDS_LOST)
            await people.go()
            await self._shop.product(f"new before {service}", 1999, ON_HAND)
            await self._shop.promotion(f"BEFORE-{service.upper()}", 10, ON_HAND)
        await self._rest()
        waiting = [await self._waiting(f"{service} waits {it}") for it in range(WAITING)]
        await self._published()
        log = await rows_of(self._stack.addresses.databases[service]) if service in PUBLISHERS else []
        began = time.monotonic()
        lost = await bring_back(server, database, self._backup, self._archive, moment)
        figures: dict[str, Any] = {"seconds_to_restore": round(time.monotonic() - began, 1)}
        if service in PUBLISHERS:
            figures |= await self._recover(service, log, lost)
        await self._ready(service)
        figures["seconds_from_restored_to_ready"] = round(time.monotonic() - began, 1)
        await asyncio.gather(*(self._act(it) for it in waiting))
        async with self._customers.buying():
            await asyncio.sleep(SECONDS_BEFORE)
        await self._rest()
        await people.are_as_before()
        return figures

    async def _recover(self, service: str, log: list[asyncpg.Record], lost: str) -> dict[str, Any]:
        began = time.monotonic()
        noticed = await until_nothing(lambda: self._not_refusing(service), NOTICED_WITHIN)
        self._verdict.expect(not noticed, f"{service} does not refuse: {noticed}")
        figures: dict[str, Any] = {"seconds_until_it_refused": round(time.monotonic() - began, 1)}
        path, body = WRITES[service]
        headers = {"Authorization": "Bearer demo-admin", "Idempotency-Key": f"refused {service}"}
        async with httpx.AsyncClient() as http:
            url = f"{self._stack.addresses.urls[service]}{path}"
            refused = await http.post(url, json=body, headers=headers, timeout=ANSWER_WITHIN)
        self._verdict.expect(refused.status_code == 503, f"{service}: {refused.text}")
        began = time.monotonic()
        report = json.loads(await self._feira("recover-log", service, "--json"))
        figures["seconds_to_recover"] = round(time.monotonic() - began, 1)
        wanted = ("facts", "derived", *(["repeated"] if service == CHECKOUT.name else []))
        lacking = [name for name in wanted if not report[name]]
        self._verdict.unproved += (f"{service}: the recovery had no {it}" for it in lacking)
        (keys, timers), (keys_now, timers_now) = (
            await beside_the_log(lost),
            await beside_the_log(self._stack.addresses.databases[service]),
        )
        self._verdict.expect(keys == keys_now, f"{service}: other unique keys: {list(keys ^ keys_now)[:4]}")
        self._verdict.expect(timers <= timers_now, f"{service}: no timers {list(timers - timers_now)[:4]}")
        back = set(map(tuple, await rows_of(self._stack.addresses.databases[service])))
        missing = [it for it in map(tuple, log) if it not in back]
        self._verdict.expect(not missing, f"{service}: {len(missing)} messages are not back: {missing[:2]}")
        return figures | {name: report[name] for name in ("facts", "commands", "streams", "derived")}

    async def _not_refusing(self, service: str) -> list[str]:
        found = await self._readiness(service)
        return [] if TOPICS_AHEAD in found.get("missing", []) else [str(found)]

    async def _ready(self, service: str) -> None:
        async def waits() -> list[str]:
            found = await self._readiness(service)
            return [] if found.get("status") == "ready" else [str(found)]

        still = await until_nothing(waits, READY_WITHIN)
        self._verdict.expect_in_time(not still, f"{service} is not ready: {still}")

    async def _readiness(self, service: str) -> dict[str, Any]:
        async with httpx.AsyncClient() as http:
            url = f"{self._stack.addresses.urls[service]}/readyz"
            found: dict[str, Any] = (await http.get(url, timeout=ANSWER_WITHIN)).json()
            return found

    async def _waiting(self, name: str) -> str:
        """A checkout whose customer has to act at the gateway."""
        checkout_id = await self._customers.start(name, "tok_action")
        found = await self._shop.settled(checkout_id)
        self._verdict.expect(found["status"] == "requires_action", f"{name}: {found}")
        return checkout_id

    async def _act(self, checkout_id: str) -> None:
        response = await self._shop.press(checkout_id, "confirm-action", checkout_id)
        self._verdict.expect(response.ok, f"{checkout_id}: {response.body}")
        ended = await self._shop.settled(checkout_id)
        self._verdict.expect(ended["status"] == "completed", f"{checkout_id}: {ended}")
        self._customers.completed.append(checkout_id)

    async def _all_orders_are_there(self) -> None:
        for checkout_id in self._customers.completed:
            found = await self._shop.checkout(checkout_id)
            self._verdict.expect(found["status"] == "completed", f"{checkout_id} is lost: {found}")
        captures = [it["checkout_id"] for it in await self._shop.ledger() if it["operation"] == "capture"]
        twice = {it for it in captures if captures.count(it) > 1}
        self._verdict.expect(not twice, f"charged twice: {twice}")
        self._verdict.expect(
            set(self._customers.completed) == set(captures), "the captures are not those of the purchases"
        )

    async def _rest(self) -> None:
        slow = await until_quiet(self._stack, lambda: self._customers.under_way, QUIET_WITHIN)
        self._verdict.expect_in_time(not slow, f"purchases do not end: {slow}")

    async def _published(self) -> None:
        """What is not published when a database is lost is lost with it."""

        async def behind() -> list[str]:
            found = []
            for name in PUBLISHERS:
                connection = await asyncpg.connect(self._stack.addresses.databases[name])
                found += [name] if await connection.fetchval(BEHIND) else []
                await connection.close()
            return found

        slow = await until_nothing(behind, QUIET_WITHIN)
        self._verdict.expect_in_time(not slow, f"not published: {slow}")

    async def _feira(self, *arguments: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *(PROGRAM, *arguments),
            env=dict(self._stack.environment),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, errors = await process.communicate()
        if process.returncode:
            raise AssertionError(f"feira {arguments}: {out.decode()[-800:]} {errors.decode()[-800:]}")
        return out.decode()
