"""Registered customers around a restore: one is erased, one moves, and one buys again and again."""

from __future__ import annotations

import json
from typing import Any

import asyncpg

from tests.proofs.async_shop import Shop
from tests.proofs.restore.customers import Customers
from tests.proofs.verdict import Verdict
from tests.support.stack import RunningStack

CUSTOMERS = "/v1/customers"
LIVE_KEY = """
    SELECT count(*) FROM customer_keys k JOIN log l ON (l.stream_id, l.tenant) = (k.customer_id, k.tenant)
    WHERE k.wrapped_key IS NOT NULL AND l.type = 'customer.erased'
      AND convert_from(l.body, 'UTF8')::jsonb ->> 'customer_id' = $1
"""
COPY = "SELECT count(*) FROM customers WHERE tenant = 'demo' AND customer_id = $1"
COPIES = {"offer": f"{COPY} AND profile - 'erased_at' <> '{{}}'", "cart": COPY}
"""Of the profile, by service. The offer's may keep the moment of the erasure, and nothing else."""


class People:
    """Of the restore of one service's database."""

    def __init__(
        self, stack: RunningStack, shop: Shop, customers: Customers, verdict: Verdict, service: str
    ) -> None:
        self._stack = stack
        self._shop = shop
        self._customers = customers
        self._verdict = verdict
        self._service = service
        self._receipt: dict[str, Any] = {}

    async def come(self) -> None:
        """Before the moment to which the database is brought back."""
        for it in ("erased", "moving", "faithful"):
            person = {"id": self._id(it), "email": self._email(it), "name": f"Quux {it}"}
            await self._post(CUSTOMERS, person, f"enter {self._id(it)}")
            profile = {"segments": ["press"], "qualifications": [], "email_verified": True}
            path = f"{CUSTOMERS}/{self._id(it)}"
            response = await self._write("PUT", path, profile, f"profile {self._id(it)}")
            self._verdict.expect(response.ok, f"{path}: {response.body}")
            await self._buy(it, 1)
        await self._buy("faithful", 2)

    async def go(self) -> None:
        """In the time that is lost."""
        self._receipt = await self._erase()
        moved = {"email": self._email("moved")}
        response = await self._write(
            "PATCH", f"{CUSTOMERS}/{self._id('moving')}", moved, f"move {self._service}"
        )
        self._verdict.expect(response.ok, f"{response.body}")
        await self._buy("faithful", 3)
        await self._buy("faithful", 4)

    async def are_as_before(self) -> None:
        """Nothing of the erased person can be read, and the others hold their addresses."""
        name, email = self._id("erased"), self._email("erased")
        live = await self._count("checkout-saga", LIVE_KEY, name)
        self._verdict.expect(live == 0, f"{name}: the key is there again")
        for copy, query in COPIES.items():
            count = await self._count(copy, query, name)
            self._verdict.expect(count == 0, f"{name}: {copy} has the profile again")
        held = await self._shop.caller.items("checkout-saga", f"{CUSTOMERS}/{name}/personal-data", "admin")
        text = json.dumps(held)
        self._verdict.expect(bool(held), f"{name}: no facts are left")
        self._verdict.expect(email not in text and "Quux" not in text, f"{name} can be read: {text[:300]}")
        again = await self._erase("again ")
        self._verdict.expect(again == self._receipt, f"{name}: {again} is not the receipt {self._receipt}")
        self._verdict.expect(again["readable"] == 0, f"{name}: {again}")
        for who, address in (("moving", "moved"), ("faithful", "faithful")):
            found = await self._shop.caller.read("checkout-saga", f"{CUSTOMERS}/{self._id(who)}", "admin")
            self._verdict.expect(found["email"] == self._email(address), f"{who}: {found}")
            same = await self._post(
                CUSTOMERS, {"email": self._email(address)}, f"who has {self._email(address)}"
            )
            self._verdict.expect(same["customer_id"] == self._id(who), f"{address} is now that of {same}")

    async def _erase(self, which: str = "") -> dict[str, Any]:
        name = self._id("erased")
        return await self._post(f"{CUSTOMERS}/{name}/erase", {"reason": "requested"}, f"{which}erase {name}")

    async def _buy(self, who: str, number: int) -> None:
        await self._customers.purchase(f"{self._id(who)} buys {number}", self._id(who))

    async def _post(self, path: str, body: Any, key: str) -> dict[str, Any]:
        return await self._shop.caller.post("checkout-saga", path, body, key, "admin")

    async def _write(self, method: str, path: str, body: Any, key: str) -> Any:
        return await self._shop.caller.write(method, "checkout-saga", path, body, key, "admin")

    async def _count(self, service: str, query: str, customer_id: str) -> int:
        connection = await asyncpg.connect(self._stack.addresses.databases[service])
        try:
            return int(await connection.fetchval(query, customer_id))
        finally:
            await connection.close()

    def _id(self, who: str) -> str:
        return f"{who}-{self._service}"

    def _email(self, who: str) -> str:
        return f"{who}.{self._service}@mail.example"
