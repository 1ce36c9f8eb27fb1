"""What an operator finds out about a checkout that does not go on, and what an action would do."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.checkout_saga.conftest import caller
from tests.integration.checkout_saga.neighbours import ENDS, Neighbours, begin
from tests.support.single_service import RunningService

WHY = {"reason": "the customer has called"}
STORED = """
    SELECT (SELECT count(*) FROM log) AS log, (SELECT count(*) FROM claims) AS claims,
           (SELECT count(*) FROM idempotency) AS idempotency,
           (SELECT coalesce(jsonb_agg(to_jsonb(t) ORDER BY subject, kind), '[]')
            FROM timers t WHERE kind = 'refund' AND subject::text = $1)::text AS timers
"""


async def stored(neighbours: Neighbours, checkout_id: str) -> dict[str, Any]:
    (row,) = await neighbours.pool.fetch(STORED, checkout_id)
    return dict(row)


def allowed(triage: dict[str, Any]) -> set[str]:
    return {it["action"] for it in triage["actions"] if it["allowed"]}


async def test_a_stuck_checkout_shows_what_is_known_what_is_not_and_what_may_be_done(
    ops: httpx.AsyncClient, stuck: str
) -> None:
    triage = (await ops.get(f"/v1/sagas/{stuck}")).json()

    assert triage["view"]["status"] == "needs_operator"
    assert [(it["operation"], it["outcome"]) for it in triage["known"]] == [
        ("authorize", "done"),
        ("capture", "done"),
    ]
    (unknown,) = triage["unknown"]
    assert (unknown["operation"], unknown["key"]) == ("refund", f"{stuck}:refund:1")
    assert unknown["last_error"] == "The gateway refuses to refund."
    assert unknown["provider_says"]["outcome"] == "declined"
    assert ("call", "capture_payment") in [(it["kind"], it["step"]) for it in triage["waiting_for"]]
    assert "refund" in [it["kind"] for it in triage["timers"]]
    assert triage["parked"] == []
    assert allowed(triage) == {"retry", "resolve_done"}
    by_name = {it["action"]: it for it in triage["actions"]}
    assert by_name["compensate"]["why_not"] == "The process has ended or is being compensated already."
    assert "checkout.operator_resolved" in by_name["resolve_done"]["effect"]


async def test_a_dry_run_says_what_would_be_done_and_stores_nothing(
    ops: httpx.AsyncClient, neighbours: Neighbours, stuck: str
) -> None:
    before = await stored(neighbours, stuck)
    body = {"outcome": "done", "reference": "bank-7", **WHY}
    path = f"/v1/sagas/{stuck}/resolve"
    headers = {"Idempotency-Key": uuid4().hex}

    shown = (await ops.post(f"{path}?dry_run=true", json=body, headers=headers)).json()

    types = [it["type"] for it in shown["facts"]]
    assert types[0] == "checkout.operator_resolved" and "payment.refunded" in types
    posted = shown["postings"]
    paid_back = {it["account"]: it["amount"]["amount"] for it in posted if it["type"] == "payment.refunded"}
    assert paid_back.keys() == {"refunds_payable", "gateway.simulated"}
    assert sum(it["amount"]["amount"] for it in posted) == 0
    assert (shown["calls"], shown["commands"]) == ([], [])
    assert await stored(neighbours, stuck) == before
    done = await ops.post(path, json=body, headers=headers)
    assert (done.status_code, done.headers.get("Idempotent-Replayed")) == (200, None)


async def test_a_dry_run_of_a_retry_names_the_call_that_would_be_made(
    ops: httpx.AsyncClient, stuck: str
) -> None:
    shown = (await ops.post(f"/v1/sagas/{stuck}/retry?dry_run=true", json=WHY)).json()
    assert [(it["kind"], it["gateway"]) for it in shown["calls"]] == [("refund", "simulated")]
    assert [it["data"]["reason"] for it in shown["facts"]] == [WHY["reason"]]


async def test_a_dry_run_shows_the_commands_and_nothing_encrypted(
    shop: httpx.AsyncClient, ops: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    checkout_id = await begin(shop, "tok_action")
    await neighbours.serve(shop, checkout_id, {"requires_action"})
    answer = await ops.post(f"/v1/sagas/{checkout_id}/compensate?dry_run=true", json=WHY)
    shown = answer.json()
    assert {"cart.unlock", "offer.release_stock"} <= {it["type"] for it in shown["commands"]}
    assert "v1." not in answer.text and "personal" not in answer.text
    await ops.post(f"/v1/sagas/{checkout_id}/compensate", json=WHY)


async def test_a_dry_run_is_refused_like_the_action_itself(
    shop: httpx.AsyncClient, ops: httpx.AsyncClient, service: RunningService, neighbours: Neighbours
) -> None:
    checkout_id = await begin(shop)
    await neighbours.serve(shop, checkout_id, ENDS)
    refused = await ops.post(f"/v1/sagas/{checkout_id}/retry?dry_run=true", json=WHY)
    assert (refused.status_code, refused.json()["code"]) == (409, "SAGA_NOT_RETRIABLE")
    stale = await ops.post(
        f"/v1/sagas/{checkout_id}/retry?dry_run=true", json=WHY, headers={"If-Match": '"1"'}
    )
    assert stale.status_code == 412
    for key, status in (("demo-admin", 403), ("rival-ops", 404)):
        async with caller(service, key) as client:
            for method, path in (("POST", "/retry?dry_run=true"), ("GET", "")):
                body = WHY if method == "POST" else None
                answer = await client.request(method, f"/v1/sagas/{checkout_id}{path}", json=body)
                assert answer.status_code == status


async def test_a_completed_checkout_has_no_open_question(
    shop: httpx.AsyncClient, ops: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    checkout_id = await begin(shop)
    await neighbours.serve(shop, checkout_id, ENDS)
    triage = (await ops.get(f"/v1/sagas/{checkout_id}")).json()
    assert [(it["operation"], it["outcome"]) for it in triage["known"]] == [
        ("authorize", "done"),
        ("capture", "done"),
    ]
    assert (triage["unknown"], triage["waiting_for"], allowed(triage)) == ([], [], set())


async def test_a_waiting_checkout_says_what_it_waits_for_and_until_when(
    shop: httpx.AsyncClient, ops: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    checkout_id = await begin(shop, "tok_action")
    await neighbours.serve(shop, checkout_id, {"requires_action"})
    triage = (await ops.get(f"/v1/sagas/{checkout_id}")).json()
    (awaited,) = triage["waiting_for"]
    assert (awaited["kind"], awaited["step"]) == ("customer_action", "authorize_payment")
    assert awaited["until"] and allowed(triage) == {"compensate"}
    await ops.post(f"/v1/sagas/{checkout_id}/compensate", json=WHY)


async def test_a_missing_checkout_is_not_found(ops: httpx.AsyncClient) -> None:
    missing = await ops.get(f"/v1/sagas/{uuid4()}")
    assert (missing.status_code, missing.json()["code"]) == (404, "CHECKOUT_SESSION_NOT_FOUND")


@pytest.mark.parametrize("known", ["order", "customer", "cart"])
async def test_a_checkout_is_found_by_its_order_customer_or_cart(
    known: str, shop: httpx.AsyncClient, ops: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    customer = {"id": f"customer-{uuid4()}", "email": f"{uuid4().hex}@example.com"}
    checkout_id = await begin(shop, "tok_ok" if known == "order" else "tok_action", customer=customer)
    state = await neighbours.serve(shop, checkout_id, ENDS | {"requires_action"})
    query = f"{known}_id={state[f'{known}_id']}"
    (found,) = (await ops.get(f"/v1/sagas?{query}&limit=100")).json()["items"]
    assert found["checkout_id"] == checkout_id
    assert (await ops.get(f"/v1/sagas?{known}_id={uuid4()}&limit=100")).json()["items"] == []
    if known != "order":
        await ops.post(f"/v1/sagas/{checkout_id}/compensate", json=WHY)
