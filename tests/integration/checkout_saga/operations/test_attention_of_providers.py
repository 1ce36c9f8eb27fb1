"""Attention that comes from payment providers: their answers, their webhooks, and money left in clearing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from checkout_saga.payments.accounts.domain import account_id
from checkout_saga.payments.domain.names import payment_id_of
from checkout_saga.payments.domain.operation import Operation, PaymentRequest
from checkout_saga.payments.domain.payment import CLEARING, Payment, RefundAccounts
from devstack.databases import Database
from kernel.unit_of_work import UnitOfWork
from tests.integration.checkout_saga.neighbours import ENDS, Neighbours, begin
from tests.integration.checkout_saga.operations.test_attention import WHY, entries, until_gauge_is
from tests.integration.checkout_saga.test_reconciliation import reconciled
from tests.integration.kernel.shelf import DEMO
from tests.support.database import service_pool
from tests.support.operator_page import act, sign_in, text_of
from tests.support.single_service import RunningService
from tests.support.waiting import until
from tests.unit.checkout_saga.examples import request

REFUNDED_AS = "UPDATE operation SET status = 'refunded', amount = $2, reference = 're_1' WHERE key = $1"
AMOUNT_OF = "SELECT amount FROM operation WHERE key = $1"
RECEIVED = """
    INSERT INTO webhook
        (gateway, account_id, event_id, tenant, type, reference, body_hash, state, received_at)
    VALUES ('simulated', $1, $2, 'demo', 'payment.captured', 'ref_1', $3, $4, feira_now() - $5::interval)
"""
REFUSED = """
    INSERT INTO webhook_refusal (account_id, gateway, tenant, refusals, first_at, last_at)
    VALUES ($1, 'simulated', 'demo', 7, feira_now(), feira_now())
"""
FROM_CLEARING = RefundAccounts(against=CLEARING)
AN_HOUR, TWO_DAYS = timedelta(hours=1), timedelta(days=2)


@pytest.fixture(autouse=True)
async def nothing_left(ops: httpx.AsyncClient) -> AsyncIterator[None]:
    """Other tests share the service."""
    yield
    for entry in await entries(ops):
        if entry["actions"] == ["resolve"] and entry["kind"] != "refund":
            await accepted(entry, ops)


async def accepted(entry: dict[str, Any], ops: httpx.AsyncClient) -> None:
    path = f"/v1/reconciliations/differences/{entry['id']}/resolve"
    key = {"Idempotency-Key": uuid4().hex}
    answer = await ops.post(path, json={"resolution": "accepted", **WHY}, headers=key)
    assert answer.status_code == 200, answer.text


async def test_an_answer_about_another_amount_is_listed_and_counted_until_it_is_accepted(
    shop: httpx.AsyncClient,
    ops: httpx.AsyncClient,
    service: RunningService,
    neighbours: Neighbours,
    stuck: str,
    gateway_database: Database,
) -> None:
    key = f"{stuck}:refund:1"
    async with service_pool(gateway_database) as pool:
        amount = await pool.fetchval(AMOUNT_OF, f"{stuck}:capture:1")
        assert await pool.execute(REFUNDED_AS, key, amount - 1) == "UPDATE 1"
    assert (await ops.post(f"/v1/sagas/{stuck}/retry", json=WHY)).status_code == 200

    async def is_listed() -> bool:
        return bool(await entries(ops, "kind=provider_mismatch"))

    await until(is_listed)
    (entry,) = await entries(ops, "kind=provider_mismatch")
    assert (entry["code"], entry["actions"]) == ("ANSWER_MISMATCH", ["resolve"])
    wrong = "The answer to refund is about another amount."
    assert entry["detail"] == f"simulated: refund {key}: {wrong}"
    assert entry["id"] not in {it["id"] for it in await entries(ops, "kind=reconciliation")}
    await until_gauge_is(1, service, "provider_mismatch")

    path = f"/operator/differences/{entry['id']}"
    async with httpx.AsyncClient(base_url=service.url, timeout=30) as visitor:
        await sign_in(visitor, "demo-ops")
        assert path in (await visitor.get("/operator?kind=provider_mismatch")).text
        page = (await visitor.get(path)).text
        assert wrong in text_of(page) and f"/operator/checkouts/{stuck}" in page
        tried = await act(visitor, page, "accepted", reason="the provider has corrected it")
        assert "reconciliation.difference_resolved" in tried.text
        assert await entries(ops, "kind=provider_mismatch") == [entry], "it was a dry run"
        assert (await act(visitor, tried.text, "accepted", step="do")).status_code == 303
    async with service_pool(gateway_database) as pool:
        await pool.execute(REFUNDED_AS, key, amount)
    assert (await ops.post(f"/v1/sagas/{stuck}/retry", json=WHY)).status_code == 200
    await neighbours.serve(shop, stuck, {"failed"})
    assert await entries(ops, "kind=provider_mismatch") == []
    await until_gauge_is(0, service, "provider_mismatch")


async def test_webhooks_that_were_not_processed_are_listed_after_their_time_and_counted_until_accepted(
    ops: httpx.AsyncClient, service: RunningService, neighbours: Neighbours
) -> None:
    account = account_id("demo", "simulated")
    lost, young, unreadable = (uuid4().hex for _ in range(3))
    for event_id, state, age in (
        (lost, "unmatched", TWO_DAYS),
        (young, "unmatched", AN_HOUR),
        (unreadable, "unreadable", AN_HOUR),
    ):
        await neighbours.pool.execute(RECEIVED, account, event_id, bytes(32), state, age)
    await neighbours.pool.execute(REFUSED, account)
    run = await reconciled(ops)
    assert run["open"] >= 3

    listed = {it["code"]: it for it in await entries(ops, "kind=webhook&limit=1")}
    assert listed.keys() == {"WEBHOOK_NOT_MATCHED", "WEBHOOK_UNREADABLE", "WEBHOOKS_REFUSED"}
    assert lost in listed["WEBHOOK_NOT_MATCHED"]["detail"]
    assert unreadable in listed["WEBHOOK_UNREADABLE"]["detail"]
    assert "7 webhooks in a row" in listed["WEBHOOKS_REFUSED"]["detail"]
    await until_gauge_is(3, service, "webhook")

    for entry in listed.values():
        await accepted(entry, ops)
    await reconciled(ops)
    assert await entries(ops, "kind=webhook") == []
    await until_gauge_is(0, service, "webhook")


async def test_money_left_in_clearing_is_listed_and_counted_until_it_has_left(
    shop: httpx.AsyncClient, ops: httpx.AsyncClient, service: RunningService, neighbours: Neighbours
) -> None:
    checkout_id = await begin(shop, "tok_declined")
    assert (await neighbours.serve(shop, checkout_id, ENDS))["status"] == "failed"
    payment_id = payment_id_of(UUID(checkout_id))

    def asked(operation: Operation) -> PaymentRequest:
        return replace(request(operation), checkout_id=UUID(checkout_id), payment_id=payment_id)

    async def arrive(work: UnitOfWork) -> None:
        payment = await work.open(Payment, payment_id)
        payment.arrive(asked(Operation.AUTHORIZE), "ref_late")

    async def give_back(work: UnitOfWork) -> None:
        payment = await work.open(Payment, payment_id)
        payment.refund(asked(Operation.REFUND), "ref_back", "late", FROM_CLEARING)

    await neighbours.store.run(DEMO, arrive)
    await reconciled(ops)
    (entry,) = await entries(ops, "kind=clearing")
    assert (entry["code"], entry["actions"]) == ("CLEARING_NOT_EMPTY", ["resolve"])
    assert entry["detail"] == f"simulated: clearing {checkout_id}"
    await until_gauge_is(1, service, "clearing")

    await neighbours.store.run(DEMO, give_back)
    await reconciled(ops)
    assert await entries(ops, "kind=clearing") == []
    await until_gauge_is(0, service, "clearing")
