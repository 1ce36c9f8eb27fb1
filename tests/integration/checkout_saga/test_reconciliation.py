"""A reconciliation on real parts: the service, its log, and the simulated gateway with money of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from checkout_saga.payments.accounts.domain import account_id
from checkout_saga.payments.domain.names import payment_id_of
from devstack.databases import Database
from tests.integration.checkout_saga.conftest import SECRET, caller
from tests.integration.checkout_saga.neighbours import ENDS, Neighbours, begin
from tests.support.database import service_pool
from tests.support.operator_page import act, sign_in, text_of
from tests.support.single_service import RunningService
from tests.support.waiting import until

HOURS_AGO = "UPDATE operation SET performed_at = performed_at - interval '2 hours' WHERE payment_id = $1"
FORGET = "UPDATE operation SET status = 'refused' WHERE payment_id = $1 AND operation = 'refund'"

CAPTURED_AS = """
    SELECT convert_from(body, 'UTF8')::jsonb ->> 'reference' FROM log
    WHERE stream_id = $1 AND type = 'payment.captured'
"""
UNMATCHED = """
    INSERT INTO webhook
        (gateway, account_id, event_id, tenant, type, reference, body_hash, state, received_at)
    VALUES ('simulated', $1, $2, 'demo', 'payment.captured', $3, $4, 'unmatched', $5)
"""
STATE = "SELECT state FROM webhook WHERE event_id = $1"


@pytest.fixture
async def gateway_client(gateway: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {SECRET}"}
    async with httpx.AsyncClient(base_url=gateway.url, headers=headers) as client:
        yield client


async def authorized(client: httpx.AsyncClient, payment_id: UUID, checkout_id: UUID, amount: int) -> None:
    body = {
        "merchant": "demo",
        "payment_id": str(payment_id),
        "checkout_id": str(checkout_id),
        "amount": amount,
        "currency": "EUR",
        "token": "tok_ok",
    }
    await done(client, "/v1/authorizations", body)


async def captured(client: httpx.AsyncClient, payment_id: UUID, amount: int) -> None:
    body = {"merchant": "demo", "payment_id": str(payment_id), "amount": amount, "currency": "EUR"}
    await done(client, "/v1/captures", body)


async def done(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
    answer = await client.post(path, json=body, headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == 200, answer.text


async def reconciled(ops: httpx.AsyncClient) -> dict[str, Any]:
    """One run over the last hours, from its request to its end."""
    now = datetime.now(UTC)
    body = {
        "gateway": "simulated",
        "from": (now - timedelta(hours=6)).isoformat(),
        "to": (now + timedelta(minutes=1)).isoformat(),
    }
    asked = await ops.post("/v1/reconciliations", json=body, headers={"Idempotency-Key": uuid4().hex})
    assert asked.status_code == 202, asked.text
    path = f"/v1/reconciliations/{asked.json()['reconciliation_id']}"

    async def has_ended() -> bool:
        return bool((await ops.get(path)).json()["status"] == "completed")

    await until(has_ended)
    return dict((await ops.get(path)).json())


async def differences(ops: httpx.AsyncClient, status: str = "open") -> dict[tuple[str, str], dict[str, Any]]:
    """By payment and code."""
    found = (await ops.get("/v1/reconciliations/differences", params={"status": status})).json()
    return {(it["payment_id"], it["code"]): it for it in found["items"]}


async def test_a_run_gives_back_what_no_sale_accounts_for_and_tells_what_it_cannot_repair(
    shop: httpx.AsyncClient,
    ops: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    neighbours: Neighbours,
    gateway_database: Database,
    gateway_client: httpx.AsyncClient,
) -> None:
    checkout_id = await begin(shop, "tok_declined")
    assert (await neighbours.serve(shop, checkout_id, ENDS))["status"] == "failed"
    held = payment_id_of(UUID(checkout_id), 2)
    await authorized(gateway_client, held, UUID(checkout_id), 2000)
    stray = uuid4()
    await authorized(gateway_client, stray, uuid4(), 500)
    await captured(gateway_client, stray, 500)
    bought = await begin(shop)
    order_id = (await neighbours.serve(shop, bought, {"completed"}))["order_id"]
    refund = {"amount": 100, "reason": "broken"}
    asked = await admin.post(
        f"/v1/orders/{order_id}/refunds", json=refund, headers={"Idempotency-Key": uuid4().hex}
    )
    assert asked.status_code == 202, asked.text

    async def is_refunded() -> bool:
        shown = (await admin.get(f"/v1/orders/{order_id}")).json()
        return bool(shown["refunds"][0]["status"] == "refunded")

    await until(is_refunded)
    paid = payment_id_of(UUID(bought))
    async with service_pool(gateway_database) as pool:
        assert await pool.execute(HOURS_AGO, held) == "UPDATE 1"
    announced = uuid4().hex
    reference = await neighbours.pool.fetchval(CAPTURED_AS, paid)
    await neighbours.pool.execute(
        UNMATCHED, account_id("demo", "simulated"), announced, reference, bytes(32), datetime.now(UTC)
    )

    run = await reconciled(ops)
    assert run["repaired"] >= 1 and run["matched"] >= 2, str(run)
    ended = await gateway_client.get(f"/v1/payments/{held}", params={"merchant": "demo"})
    assert ended.json()["code"] == "ALREADY_VOIDED"
    assert await neighbours.types(held) == ["payment.voided"]
    found = await differences(ops)
    money = found[str(stray), "MONEY_FOUND"]
    assert (money["theirs"]["amount"], money["ours"]) == (500, None)
    assert not [code for payment_id, code in found if payment_id in {str(paid), str(held)}]
    assert await neighbours.pool.fetchval(STATE, announced) == "matched"

    path = f"/v1/reconciliations/differences/{money['difference_id']}/resolve"
    resolution = {"resolution": "returned", "reason": "given back in the dashboard"}
    resolved = await ops.post(path, json=resolution, headers={"Idempotency-Key": uuid4().hex})
    assert (resolved.status_code, resolved.json()["status"]) == (200, "resolved")
    assert (str(stray), "MONEY_FOUND") in await differences(ops, "resolved")

    async with service_pool(gateway_database) as pool:
        await pool.execute(FORGET, paid)
    again = await reconciled(ops)
    assert again["repaired"] == 0, "what was given back stays so"
    missing = (await differences(ops))[str(paid), "NOT_AT_PROVIDER"]
    assert (missing["kind"], missing["ours"]["amount"], missing["theirs"]) == ("refund", 100, None)


async def test_only_those_who_operate_a_shop_reconcile_it(
    shop: httpx.AsyncClient, ops: httpx.AsyncClient, service: RunningService
) -> None:
    body = {"gateway": "simulated", "from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}
    assert (await shop.post("/v1/reconciliations", json=body)).status_code == 403
    for wrong in ({**body, "to": body["from"]}, {**body, "gateway": "elsewhere"}, {"gateway": "simulated"}):
        headers = {"Idempotency-Key": uuid4().hex}
        assert (await ops.post("/v1/reconciliations", json=wrong, headers=headers)).status_code == 422
    async with caller(service, "rival-ops") as rival:
        unknown = await rival.post(
            f"/v1/reconciliations/differences/{uuid4()}/resolve",
            json={"resolution": "accepted", "reason": "seen"},
            headers={"Idempotency-Key": uuid4().hex},
        )
        assert (unknown.status_code, unknown.json()["code"]) == (404, "DIFFERENCE_NOT_FOUND")
        lost = await rival.get(f"/v1/reconciliations/{uuid4()}")
        assert (lost.status_code, lost.json()["code"]) == (404, "RECONCILIATION_NOT_FOUND")
        for wrong in (
            {"resolution": "assigned", "reason": "seen"},
            {"resolution": "accepted", "reason": "seen", "payment_id": str(uuid4())},
        ):
            refused = await rival.post(
                f"/v1/reconciliations/differences/{uuid4()}/resolve",
                json=wrong,
                headers={"Idempotency-Key": uuid4().hex},
            )
            assert refused.status_code == 422


async def test_an_operator_accepts_a_difference_on_the_pages(
    ops: httpx.AsyncClient, service: RunningService, gateway_client: httpx.AsyncClient
) -> None:
    stray = uuid4()
    await authorized(gateway_client, stray, uuid4(), 700)
    await captured(gateway_client, stray, 700)
    await reconciled(ops)
    found = (await differences(ops))[str(stray), "MONEY_FOUND"]
    path = f"/operator/differences/{found['difference_id']}"
    async with httpx.AsyncClient(base_url=service.url, timeout=30) as visitor:
        await sign_in(visitor, "demo-ops")
        assert path in (await visitor.get("/operator?kind=reconciliation")).text
        page = (await visitor.get(path)).text
        assert "7.00" in text_of(page)
        tried = await act(visitor, page, "returned", reason="sent back by the bank")
        assert "reconciliation.difference_resolved" in tried.text
        assert (await act(visitor, tried.text, "returned", step="do")).status_code == 303
        assert "resolved as returned" in text_of((await visitor.get(path)).text)
    assert (str(stray), "MONEY_FOUND") not in await differences(ops)


async def test_a_dry_run_shows_what_resolving_a_difference_would_do_and_stores_nothing(
    ops: httpx.AsyncClient,
    service: RunningService,
    neighbours: Neighbours,
    gateway_client: httpx.AsyncClient,
) -> None:
    stray = uuid4()
    await authorized(gateway_client, stray, uuid4(), 800)
    await captured(gateway_client, stray, 800)
    await reconciled(ops)
    found = (await differences(ops))[str(stray), "MONEY_FOUND"]["difference_id"]
    path = f"/v1/reconciliations/differences/{found}/resolve"
    body = {"resolution": "returned", "reason": "sent back by the bank"}
    headers = {"Idempotency-Key": uuid4().hex}
    before = await neighbours.types(UUID(found))

    tried = await ops.post(f"{path}?dry_run=true", json=body, headers=headers)

    shown = tried.json()
    assert [it["type"] for it in shown["facts"]] == ["reconciliation.difference_resolved"], tried.text
    assert (shown["commands"], shown["calls"]) == ([], [])
    assert sum(it["amount"]["amount"] for it in shown["postings"]) == 0
    assert await neighbours.types(UUID(found)) == before
    async with caller(service, "rival-ops") as rival:
        hidden = await rival.post(f"{path}?dry_run=true", json=body, headers=headers)
        assert (hidden.status_code, hidden.json()["code"]) == (404, "DIFFERENCE_NOT_FOUND")
    done = await ops.post(path, json=body, headers=headers)
    assert (done.status_code, done.headers.get("Idempotent-Replayed")) == (200, None), "the key was not used"
    assert done.json()["status"] == "resolved"
    again = await ops.post(f"{path}?dry_run=true", json=body, headers={"Idempotency-Key": uuid4().hex})
    assert (again.status_code, again.json()["code"]) == (409, "DIFFERENCE_NOT_RESOLVABLE")
