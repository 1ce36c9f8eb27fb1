"""The vault of one simulated process: readable texts instead of encrypted ones, and keys as numbers.

A text names the number of the key under which it was sealed. Destroying a key leaves its number behind, so
that what was sealed under it stays unreadable when the customer comes back and gets the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID, uuid5

import orjson

from checkout_saga.customers.domain.customer import CUSTOMERS, customer_stream_id
from checkout_saga.customers.vault import Vault
from kernel.store.writing import Connection
from tests.proofs.simulation.database import Row

if TYPE_CHECKING:
    from tests.proofs.simulation.connection import Connection as SimulatedConnection
    from tests.proofs.simulation.database import Database

KEYS = "customer_keys"


class SimulatedVault(Vault):
    def __init__(self, database: Database) -> None:
        """Unlike the real one it keeps no copies of keys."""
        self._database = database

    def guest(self, tenant: str, mailbox: str) -> str:
        return str(uuid5(CUSTOMERS, f"{tenant}/{mailbox}"))

    async def seal(self, tenant: str, customer_id: str, *secrets: dict[str, Any]) -> list[str]:
        """A key is written at once, in no transaction with anything else, like a real one."""
        key = tenant, customer_stream_id(tenant, customer_id)
        keys = self._database.tables[KEYS]
        row = keys.setdefault(key, {"number": 1, "destroyed": False})
        if row["destroyed"]:
            keys[key] = row = {"number": row["number"] + 1, "destroyed": False}
        return [_text(key, row["number"], it) for it in secrets]

    async def open(self, tenant: str, customer_id: str, sealed: str) -> dict[str, Any] | None:
        return (await self.reader(tenant, [customer_id]))(sealed)

    async def reader(
        self, tenant: str, customer_ids: Collection[str]
    ) -> Callable[[str], dict[str, Any] | None]:
        stored = self._database.tables[KEYS]
        places = [(tenant, customer_stream_id(tenant, it)) for it in customer_ids]
        numbers = {
            place: stored[place]["number"]
            for place in places
            if place in stored and not stored[place]["destroyed"]
        }
        return lambda text: _opened(text, numbers)

    async def destroy(self, connection: Connection, tenant: str, customer_id: str) -> bool:
        on = cast("SimulatedConnection", connection)
        key = tenant, customer_stream_id(tenant, customer_id)
        row = on.table(KEYS).get(key)
        if row is None or row["destroyed"]:
            return False
        on.put(KEYS, key, row | {"destroyed": True})
        return True

    def forget(self, tenant: str, customer_id: str) -> None:
        """It keeps no copies."""


def _text(key: tuple[str, UUID], number: int, secret: Mapping[str, Any]) -> str:
    return f"sealed {key[0]} {key[1]} {number} {orjson.dumps(secret).decode()}"


def _opened(text: str, numbers: Mapping[tuple[str, UUID], int]) -> Row | None:
    word, _, rest = text.partition(" ")
    if word != "sealed":
        return None
    tenant, stream, number, secret = rest.split(" ", 3)
    if numbers.get((tenant, UUID(stream))) != int(number):
        return None
    found: Row = orjson.loads(secret)
    return found
