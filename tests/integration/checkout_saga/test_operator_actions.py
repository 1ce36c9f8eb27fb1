"""What an operator may do about a checkout, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import pytest

from tests.integration.checkout_saga.conftest import caller
from tests.integration.checkout_saga.neighbours import ENDS, Neighbours, begin
from tests.support.single_service import RunningService

SAID = "SELECT actor, body FROM log WHERE stream_id = $1 AND type = $2"
WHY = {"reason": "the customer has called"}


async def said(neighbours: Neighbours, checkout_id: str, kind: str) -> list[tuple[str, dict[str, Any]]]:
    rows = await neighbours.pool.fetch(SAID, UUID(checkout_id), kind)
    return [(row["actor"], orjson.loads(row["body"])) for row in rows]


async def test_what_an_operator_decides_stands_in_the_log_with_name_and_reason(
    shop: httpx.AsyncClient, ops: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    checkout_id = await begin(shop, "tok_action")
    await neighbours.serve(shop, checkout_id, {"requires_action"})
    refused = await ops.post(f"/v1/sagas/{checkout_id}/retry", json=WHY)
    assert (refused.status_code, refused.json()["code"]) == (409, "SAGA_NOT_RETRIABLE")

    given_up = await ops.post(f"/v1/sagas/{checkout_id}/compensate", json=WHY)
    assert (given_up.status_code, given_up.json()["status"]) == (200, "compensating")
    ended = await neighbours.serve(shop, checkout_id, ENDS)
    assert (ended["status"], ended["failure"]["code"]) == ("failed", "CHECKOUT_CANCELLED")
    recorded = await said(neighbours, checkout_id, "checkout.operator_gave_up")
    assert recorded == [("ops:demo-ops", {"operator": "ops:demo-ops", "refund": False, **WHY})]


async def test_a_retry_sends_the_command_again_and_the_checkout_continues(
    shop: httpx.AsyncClient, ops: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    checkout_id = await begin(shop)
    headers = {"Idempotency-Key": uuid4().hex}
    for replayed in (None, "true"):
        again = await ops.post(f"/v1/sagas/{checkout_id}/retry", json=WHY, headers=headers)
        assert (again.status_code, again.headers.get("Idempotent-Replayed")) == (200, replayed)
    asked = await neighbours.pool.fetch(
        "SELECT 1 FROM log WHERE type = 'cart.lock' AND position($1 IN convert_from(body, 'UTF8')) > 0",
        checkout_id,
    )
    assert len(asked) == 2
    assert (await neighbours.serve(shop, checkout_id, ENDS))["status"] == "completed"


async def test_a_payment_that_is_not_stuck_cannot_be_resolved(
    shop: httpx.AsyncClient, ops: httpx.AsyncClient
) -> None:
    checkout_id = await begin(shop)
    path = f"/v1/sagas/{checkout_id}/resolve"
    refused = await ops.post(path, json={"outcome": "done", **WHY})
    assert (refused.status_code, refused.json()["code"]) == (409, "SAGA_NOT_RESOLVABLE")
    for wrong in (
        {"outcome": "perhaps", **WHY},
        {"outcome": "done"},
        {**WHY, "outcome": "done", "amount": 1},
    ):
        assert (await ops.post(path, json=wrong)).status_code == 422


@pytest.mark.parametrize("act", ["retry", "compensate", "resolve"])
async def test_only_an_operator_of_the_tenant_may_act(
    act: str, shop: httpx.AsyncClient, service: RunningService
) -> None:
    checkout_id = await begin(shop)
    body = {"outcome": "done", **WHY} if act == "resolve" else WHY
    for key, status, code in (
        ("demo-admin", 403, "FORBIDDEN"),
        ("rival-ops", 404, "CHECKOUT_SESSION_NOT_FOUND"),
    ):
        async with caller(service, key) as client:
            refused = await client.post(f"/v1/sagas/{checkout_id}/{act}", json=body)
            assert (refused.status_code, refused.json()["code"]) == (status, code)
