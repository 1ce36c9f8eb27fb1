"""A restored database: who was erased since is erased again, and customers hold their addresses."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest

from checkout_saga.customers.domain.customer import customer_stream_id
from checkout_saga.customers.register import CUSTOMER_EMAIL
from checkout_saga.recovery import recover
from checkout_saga.recovery_settings import CheckoutRecoverySettings
from devstack.databases import Database
from tests.integration.checkout_saga.conftest import SECRET, caller
from tests.support.database import Pool, copied, service_pool
from tests.support.parts import Parts, running_parts
from tests.support.single_service import created_database, running_service
from tests.support.waiting import until

ALL = "/v1/customers"
MASTER_KEY, OTHER_KEY = (base64.b64encode(it * 32).decode() for it in (b"m", b"o"))
PUBLISHED = "SELECT position = (SELECT max(position) FROM log) FROM relay_cursor"
WRAPPED = "SELECT wrapped_key FROM customer_keys WHERE customer_id = $1"
RESTORED_KEY = "UPDATE customer_keys SET wrapped_key = $2 WHERE customer_id = $1"


class Service:
    """The checkout service on one database after the other, with a broker of its own."""

    def __init__(self, parts: Parts) -> None:
        self.settings = {
            "FEIRA_KAFKA_BOOTSTRAP": parts.kafka_bootstrap,
            "FEIRA_MASTER_KEY": MASTER_KEY,
            "FEIRA_GATEWAY_URL": "http://127.0.0.1:1",
            "FEIRA_GATEWAY_SECRET": SECRET,
        }

    @asynccontextmanager
    async def on(self, database: Database) -> AsyncIterator[httpx.AsyncClient]:
        """All is published at the end."""
        async with (
            running_service("checkout_saga", database, self.settings) as service,
            caller(service, "demo-admin") as admin,
        ):
            yield admin
            async with service_pool(database, size=1) as pool:
                await until(lambda: pool.fetchval(PUBLISHED), limit=30)

    def for_recovery(self, database: Database, master_key: str = MASTER_KEY) -> CheckoutRecoverySettings:
        """As an administrator of the server, as ``feira recover-log`` has it from the stack's state."""
        return CheckoutRecoverySettings.model_validate(
            {
                "database_url": database.superuser_url,
                "kafka_bootstrap": self.settings["FEIRA_KAFKA_BOOTSTRAP"],
                "master_key": master_key,
            }
        )


@pytest.fixture(scope="module")
async def own_parts(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Parts]:
    """Another service of the same name would find its own facts on the topics."""
    async with running_parts(tmp_path_factory.mktemp("recovered_customers")) as parts:
        yield parts


def report_of(printed: pytest.CaptureFixture[bytes]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(printed.readouterr().out.splitlines()[-1])
    return found


async def done(call: Any) -> dict[str, Any]:
    response: httpx.Response = await call
    assert response.is_success, response.text
    body: dict[str, Any] = response.json()
    return body


async def enter(admin: httpx.AsyncClient, customer_id: str, email: str) -> None:
    await done(admin.post(ALL, json={"id": customer_id, "email": email, "name": f"Person {customer_id}"}))


async def erase(admin: httpx.AsyncClient, customer_id: str) -> dict[str, Any]:
    return await done(admin.post(f"{ALL}/{customer_id}/erase", json={"reason": "requested"}))


async def shown(admin: httpx.AsyncClient, customer_id: str) -> tuple[bool, str | None]:
    found = await done(admin.get(f"{ALL}/{customer_id}"))
    return found["erased"], found["email"]


async def addresses(pool: Pool) -> dict[UUID, str]:
    """The values of the keys of addresses, by holder."""
    rows = await pool.fetch("SELECT holder, value FROM claims WHERE kind = $1", CUSTOMER_EMAIL)
    return {row["holder"]: row["value"] for row in rows}


async def wrapped(pool: Pool, customer_id: str) -> bytes | None:
    found: bytes | None = await pool.fetchval(WRAPPED, customer_stream_id("demo", customer_id))
    return found


def without(held: Mapping[UUID, str], *customer_ids: str) -> dict[UUID, str]:
    gone = {customer_stream_id("demo", it) for it in customer_ids}
    return {holder: value for holder, value in held.items() if holder not in gone}


async def test_erasures_are_repeated_and_addresses_are_held_again_after_a_restore(
    own_parts: Parts, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    service = Service(own_parts)
    database = await created_database("feira_checkout", own_parts.postgres_superuser_url)
    async with service.on(database) as admin:
        for it in ("erased later", "moves", "stays", "back again"):
            await enter(admin, it, f"{it.replace(' ', '.')}@mail.example")
        await erase(admin, "back again")
        await enter(admin, "back again", "back.again@mail.example")

    async with copied(database) as earlier:
        async with service.on(database) as admin:
            receipt = await erase(admin, "erased later")
            assert receipt["readable"] == 0
            await done(admin.patch(f"{ALL}/moves", json={"email": "moved@mail.example"}))
            await enter(admin, "new", "new@mail.example")
        async with service_pool(database, size=1) as pool:
            held = await addresses(pool)

        async with service_pool(earlier, size=1) as pool:
            key = await wrapped(pool, "erased later")
            assert key is not None
            settings = service.for_recovery(earlier)
            with pytest.raises(SystemExit, match="1"):
                await recover(service.for_recovery(earlier, OTHER_KEY), [])
            assert "FEIRA_MASTER_KEYS_OLD" in report_of(capfdbinary)["error"]
            assert await wrapped(pool, "erased later") == key

            await recover(settings, [])
            report = report_of(capfdbinary)
            assert (report["repeated"], report["facts"] > 0) == (1, True)
            assert await wrapped(pool, "erased later") is None
            assert await wrapped(pool, "back again") is not None
            assert await addresses(pool) == without(held, "new")  # whose key no topic holds

            await recover(settings, [])
            report = report_of(capfdbinary)
            assert (report["repeated"], report["facts"]) == (0, 0)

            stream = customer_stream_id("demo", "erased later")
            await pool.execute(RESTORED_KEY, stream, key)

        async with service.on(earlier) as admin:
            await recover(settings, [])  # the relay leads
            assert report_of(capfdbinary)["repeated"] == 1
            assert await shown(admin, "erased later") == (True, None)
            assert await shown(admin, "back again") == (False, "back.again@mail.example")
            assert await shown(admin, "moves") == (False, "moved@mail.example")
            assert await erase(admin, "erased later") == receipt
            same = await admin.post(ALL, json={"email": "moved@mail.example", "name": "Any"})
            assert (same.status_code, same.json()["customer_id"]) == (200, "moves")
            assert (await admin.post(ALL, json={"email": "moves@mail.example"})).status_code == 201
            await enter(admin, "new", "new@mail.example")
            assert await shown(admin, "new") == (False, "new@mail.example")
