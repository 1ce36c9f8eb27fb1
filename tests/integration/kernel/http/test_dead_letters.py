"""Dead letters over HTTP: operators see those of their tenant, and others only without content."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from contracts.roles import OPERATORS
from contracts.topics import MESSAGES
from kernel.http import dead_letter_routes
from kernel.http.app import create_app
from kernel.messaging.dead_letters.admin import DeadLetterAdmin
from kernel.messaging.inbound import InboundMessage
from kernel.observability.health import Heartbeats
from kernel.store.event_store import EventStore
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection
from tests.integration.kernel.http.callers import assert_problem, caller
from tests.integration.kernel.http.conftest import Pool
from tests.support.kafka_records import received_stock

PARK = """
    INSERT INTO parked (grp, topic, part, record_offset, type, reason, error,
                        record_key, headers, body, tenant)
    VALUES ('shelves', 'offer.events', 0, 7, 'stock.received', 'failed', 'a secret of theirs', $1, $2, $3, $4)
    RETURNING parked_id
"""


class Shelves:
    scope = "shelves"
    types = frozenset({"stock.received"})

    async def handle(
        self, batch: Sequence[InboundMessage], work: PgUnitOfWork, connection: Connection
    ) -> None:
        assert [it.fact() for it in batch]


@pytest.fixture
async def app(pool: Pool) -> FastAPI:
    store = EventStore(pool, MESSAGES)
    table = dead_letter_routes.table(pool, DeadLetterAdmin(store, {"shelves": [Shelves()]}), OPERATORS)
    return create_app("shop", pool=pool, heartbeats=Heartbeats(), tables=[table], store=store)


async def park(pool: Pool, tenant: str | None) -> int:
    sent = received_stock(uuid4(), 1, tenant=tenant or "none")
    headers = [[name, (value or b"").decode()] for name, value in sent.headers]
    found: int = await pool.fetchval(PARK, sent.key, headers, sent.value, tenant)
    return found


async def get(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_an_operator_sees_the_records_of_the_tenant_in_pages_oldest_first(
    app: FastAPI, pool: Pool
) -> None:
    ours = [await park(pool, "demo") for _ in range(3)]
    theirs = await park(pool, "rival")
    async with caller(app, "demo-ops") as client:
        seen: list[int] = []
        cursor = ""
        while True:
            page = await get(client, f"/v1/parked?limit=2{cursor}")
            seen += [it["parked_id"] for it in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert [it for it in seen if it in {*ours, theirs}] == ours
        assert seen == sorted(seen)
        whole = await get(client, f"/v1/parked/{ours[0]}")
        assert (whole["body"]["quantity"], whole["headers"]["ce_tenant"]) == (1, "demo")
        assert whole["error"] == "a secret of theirs"


async def test_a_record_without_a_tenant_is_shown_without_its_content(app: FastAPI, pool: Pool) -> None:
    without_tenant = await park(pool, None)
    for key in ("demo-ops", "rival-ops"):
        async with caller(app, key) as client:
            whole = await get(client, f"/v1/parked/{without_tenant}")
            assert whole["reason"] == "failed"
            assert {whole[name] for name in ("body", "body_base64", "error", "key")} == {None}
            assert set(whole["headers"].values()) == {None}
            assert without_tenant in [
                it["parked_id"] for it in (await get(client, "/v1/parked?limit=100"))["items"]
            ]


async def test_a_record_of_another_tenant_looks_like_a_missing_one(app: FastAPI, pool: Pool) -> None:
    theirs = await park(pool, "rival")
    async with caller(app, "demo-ops") as client:
        for number in (theirs, 2**62):
            path = f"/v1/parked/{number}"
            assert_problem(await client.get(path), 404, "PARKED_NOT_FOUND")
            assert_problem(await client.post(f"{path}/retry"), 404, "PARKED_NOT_FOUND")
            discarded = await client.post(f"{path}/discard", json={"reason": "why"})
            assert_problem(discarded, 404, "PARKED_NOT_FOUND")
        for invalid in ("0", "-1", "one", str(2**63)):
            assert_problem(await client.get(f"/v1/parked/{invalid}"), 422, "INVALID_REQUEST")
    async with caller(app, "demo-admin") as client:
        assert_problem(await client.get("/v1/parked"), 403, "FORBIDDEN")


async def test_a_repeated_retry_gets_the_first_response(app: FastAPI, pool: Pool) -> None:
    ours = await park(pool, "demo")
    key = {"Idempotency-Key": uuid4().hex}
    async with caller(app, "demo-ops") as client:
        first, again = [await client.post(f"/v1/parked/{ours}/retry", headers=key) for _ in range(2)]
        assert (first.status_code, first.json()["record"]["resolution"]) == (200, "handled")
        assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
        assert_problem(await client.post(f"/v1/parked/{ours}/retry"), 409, "PARKED_RESOLVED")
        (act,) = (await get(client, f"/v1/parked/{ours}"))["acts"]
        assert (act["act"], act["actor"], act["reason"]) == ("retry", "ops:ops", None)
        resolved = await get(client, "/v1/parked?state=resolved&limit=100")
        assert ours in [it["parked_id"] for it in resolved["items"]]


async def test_a_record_is_discarded_only_with_a_reason(app: FastAPI, pool: Pool) -> None:
    ours = await park(pool, "demo")
    path = f"/v1/parked/{ours}/discard"
    async with caller(app, "demo-ops") as client:
        assert_problem(await client.post(path, json={"reason": ""}), 422, "INVALID_REQUEST")
        assert_problem(await client.post(path), 422, "INVALID_REQUEST")
        done = (await client.post(path, json={"reason": "a test"})).json()
        assert done["record"]["resolution"] == "discarded"
        (act,) = (await get(client, f"/v1/parked/{ours}"))["acts"]
        assert (act["act"], act["reason"], act["outcome"]) == (
            "discard",
            "a test",
            "discarded; 0 handled, 0 failed, 0 waiting",
        )
