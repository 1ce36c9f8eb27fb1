"""The simulated gateway as a process on a real PostgreSQL, and a merchant who uses it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from devstack.databases import Database
from tests.support.single_service import RunningService, created_database, running_postgres, running_service

SECRET = "a secret that only these tests know"


@pytest.fixture(scope="package")
async def database_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with running_postgres(tmp_path_factory.mktemp("gateway")) as superuser_url:
        yield superuser_url


@pytest.fixture(scope="package")
async def database(database_server: str) -> Database:
    return await created_database("feira_gateway", database_server)


@pytest.fixture(scope="package")
async def gateway(database: Database) -> AsyncIterator[RunningService]:
    async with running_service("simulators.gateway", database, {"FEIRA_GATEWAY_SECRET": SECRET}) as service:
        yield service


@pytest.fixture
async def client(gateway: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {SECRET}"}
    async with httpx.AsyncClient(base_url=gateway.url, headers=headers, timeout=20) as client:
        yield client


@pytest.fixture
def merchant(client: httpx.AsyncClient) -> Merchant:
    return Merchant(client)


@pytest.fixture
async def clock(database: Database) -> AsyncIterator[Clock]:
    connection = await asyncpg.connect(database.superuser_url)
    yield Clock(connection)
    await connection.execute("UPDATE clock SET shift = '0'")
    await connection.close()


class Clock:
    def __init__(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        self._connection = connection

    async def move(self, seconds: int) -> None:
        await self._connection.execute("UPDATE clock SET shift = shift + $1", timedelta(seconds=seconds))


@dataclass
class Merchant:
    """One checkout with one payment of 1,999 cents, and what can be asked for it."""

    client: httpx.AsyncClient
    merchant: str = "demo"
    checkout_id: UUID = field(default_factory=uuid4)
    payment_id: UUID = field(default_factory=uuid4)

    async def authorize(self, token: str, key: str | None = None, **other: Any) -> httpx.Response:
        body = self._payment(checkout_id=str(self.checkout_id), token=token, **other)
        return await self._post("authorizations", key or self.key("authorize"), body)

    async def confirm(self) -> httpx.Response:
        path = f"authorizations/{self.payment_id}/confirm"
        return await self._post(path, self.key("confirm"), {"merchant": self.merchant})

    async def capture(self, key: str | None = None, **other: Any) -> httpx.Response:
        return await self._post("captures", key or self.key("capture"), self._payment(**other))

    async def void(self, key: str | None = None) -> httpx.Response:
        body = {"merchant": self.merchant, "payment_id": str(self.payment_id)}
        return await self._post("voids", key or self.key("void"), body)

    async def refund(self, amount: int, key: str | None = None) -> httpx.Response:
        return await self._post(
            "refunds", key or self.key("refund"), self._payment(amount=amount, reason="no")
        )

    async def look_up(self, operation: str) -> httpx.Response:
        key = self.key(operation)
        return await self.client.get(f"/v1/operations/{key}", params={"merchant": self.merchant})

    async def ledger(self, **query: Any) -> list[dict[str, Any]]:
        page = await self.client.get(
            "/v1/simulated-gateway/ledger",
            params={"checkout_id": str(self.checkout_id), **query},
            headers={"Authorization": f"Bearer {self.merchant}-ops"},
        )
        assert page.status_code == 200, page.text
        items: list[dict[str, Any]] = page.json()["items"]
        return items

    def key(self, operation: str) -> str:
        return f"{self.checkout_id}:{operation}:1"

    def _payment(self, **other: Any) -> dict[str, Any]:
        paid = {"payment_id": str(self.payment_id), "amount": 1999, "currency": "USD"}
        return {"merchant": self.merchant, **paid, **other}

    async def _post(self, path: str, key: str, body: dict[str, Any]) -> httpx.Response:
        return await self.client.post(f"/v1/{path}", json=body, headers={"Idempotency-Key": key})
