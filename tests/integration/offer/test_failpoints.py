"""A real process dies or loses a database response at a failpoint; callers see only a delay."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest

from devstack.databases import Database
from tests.integration.offer.conftest import caller
from tests.integration.offer.products import product_body
from tests.support.cut_off import NO_BROKER
from tests.support.single_service import running_service

COUNT = "SELECT count(*) FROM log WHERE position(convert_to($1, 'UTF8') IN body) > 0"


async def recorded(database: Database, sku: str) -> int:
    connection = await asyncpg.connect(database.owner_url)
    try:
        found: int = await connection.fetchval(COUNT, sku)
        return found
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("failpoint", "stored"),
    [("append.before_commit", 0), ("append.after_commit", 1), ("http.after_commit_before_answer", 1)],
)
async def test_a_process_killed_at_a_commit_leaves_all_of_it_or_nothing(
    database: Database, admin: httpx.AsyncClient, failpoint: str, stored: int
) -> None:
    body, headers = product_body(), {"Idempotency-Key": uuid4().hex}
    settings = {**NO_BROKER, "FEIRA_FAILPOINTS": f"{failpoint}=kill"}
    async with (
        running_service("offer", database, settings, once="/livez") as replica,
        caller(replica, "demo-admin") as client,
    ):
        with pytest.raises(httpx.TransportError):
            await client.post("/v1/products", json=body, headers=headers)
        assert await replica.process.wait() == -signal.SIGKILL
    assert await recorded(database, body["sku"]) == stored

    again = await admin.post("/v1/products", json=body, headers=headers)

    assert again.status_code == 201
    assert ("idempotent-replayed" in again.headers) is bool(stored)
    assert await recorded(database, body["sku"]) == 1


async def test_a_commit_whose_confirmation_is_lost_is_recovered(database: Database, tmp_path: Path) -> None:
    body, headers = product_body(), {"Idempotency-Key": uuid4().hex}
    rules = tmp_path / "rules"
    rules.write_text("append.after_commit=exec_then_timeout")
    settings = {**NO_BROKER, "FEIRA_FAILPOINTS": f"@{rules}"}
    async with (
        running_service("offer", database, settings, once="/livez") as replica,
        caller(replica, "demo-admin") as client,
    ):
        response = await client.post("/v1/products", json=body, headers=headers)

    assert response.status_code == 201
    assert "append.after_commit" in (tmp_path / "rules.fired").read_text()
    assert await recorded(database, body["sku"]) == 1


def test_in_production_a_service_does_not_start_with_failpoints(database: Database) -> None:
    environment = {
        **os.environ,
        **NO_BROKER,
        "FEIRA_ENV": "production",
        "FEIRA_PORT": "1",
        "FEIRA_DATABASE_URL": f"{database.service_url}?sslmode=verify-full",
        "FEIRA_KAFKA_SECURITY": "ssl",
        "FEIRA_FAILPOINTS": "relay.after_send=delay:1",
    }
    result = subprocess.run(
        (sys.executable, "-m", "offer"), env=environment, capture_output=True, text=True, check=False
    )

    assert (result.returncode, result.stderr.strip()) == (1, "FEIRA_FAILPOINTS must not be set in production")
