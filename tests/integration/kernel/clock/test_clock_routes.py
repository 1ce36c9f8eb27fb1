"""A move of the clock that is refused responds with the refusal, with and without an idempotency key."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import httpx
import pytest

from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.http import clock_routes
from kernel.http.app import create_app
from kernel.observability.health import Heartbeats
from kernel.store.clock import database_now
from kernel.store.event_store import EventStore
from tests.integration.kernel.clock.test_stack_clock import HOUR, SERVICE, clock_of
from tests.support.database import Pool, execute

KEY = "demo-ops"
ADD_KEY = "INSERT INTO api_keys (key_hash, tenant, role, name) VALUES ($1, 'demo', 'ops', 'ops')"


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "once"}], ids=["no key", "a key"])
async def test_a_move_backwards_is_refused(pool: Pool, database: Database, headers: dict[str, str]) -> None:
    await execute(database.owner_url, ADD_KEY, sha256(KEY.encode()).hexdigest())
    store = EventStore(pool, MESSAGES)
    tables = clock_routes.tables(clock_of(store), ("ops",))
    app = create_app(SERVICE, pool=pool, heartbeats=Heartbeats(), store=store, tables=tables)
    back = {"to": (await database_now(pool) - HOUR).isoformat()}

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://it") as client:
        responses = [
            await client.post(
                clock_routes.PATH, json=back, headers={**headers, "Authorization": f"Bearer {KEY}"}
            )
            for _ in range(2)
        ]

    assert [(it.status_code, it.json()["code"]) for it in responses] == 2 * [(409, "CLOCK_OUT_OF_REACH")]
    assert await pool.fetchval("SELECT shift FROM clock") == timedelta()
