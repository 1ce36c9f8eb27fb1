"""The gateway's ledger: one effect per key and per payment, however often and concurrently it is called."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import uuid4

import httpx

from tests.integration.simulators.conftest import Merchant


async def test_a_repeated_key_gets_the_same_answer_and_has_no_second_effect(merchant: Merchant) -> None:
    answers = [await merchant.authorize("tok_ok") for _ in range(3)]
    assert len({it.text for it in answers}) == 1
    assert (await merchant.look_up("authorize")).text == answers[0].text
    assert len(await merchant.ledger()) == 1


async def test_a_key_cannot_be_used_for_another_request(merchant: Merchant) -> None:
    await merchant.authorize("tok_ok")
    reused = await merchant.authorize("tok_ok", amount=5)
    assert (reused.status_code, reused.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    other_operation = await merchant.capture(merchant.key("authorize"))
    assert other_operation.status_code == 409


async def test_a_key_is_compulsory(merchant: Merchant) -> None:
    body = {"merchant": "demo", "payment_id": str(uuid4())}
    answer = await merchant.client.post("/v1/voids", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "IDEMPOTENCY_KEY_REQUIRED")


async def test_the_same_call_made_at_once_many_times_happens_once(merchant: Merchant) -> None:
    answers = await asyncio.gather(*(merchant.authorize("tok_ok") for _ in range(24)))
    assert {it.status_code for it in answers} == {200}
    assert len({it.text for it in answers}) == 1
    assert len(await merchant.ledger()) == 1


async def test_one_payment_is_authorized_and_captured_once_whatever_the_keys(merchant: Merchant) -> None:
    authorizations = await asyncio.gather(*(merchant.authorize("tok_ok", f"a {uuid4()}") for _ in range(12)))
    captures = await asyncio.gather(*(merchant.capture(f"c {uuid4()}") for _ in range(12)))
    assert Counter(it.json()["status"] for it in authorizations) == {"authorized": 1, "declined": 11}
    assert {it.json().get("code") for it in authorizations} == {None, "ALREADY_AUTHORIZED"}
    assert Counter(it.json()["status"] for it in captures) == {"captured": 1, "refused": 11}
    assert {it.json().get("code") for it in captures} == {None, "ALREADY_CAPTURED"}


async def test_a_capture_and_a_void_at_once_do_not_both_succeed(client: httpx.AsyncClient) -> None:
    for _ in range(10):
        merchant = Merchant(client)
        await merchant.authorize("tok_ok")
        captured, voided = await asyncio.gather(merchant.capture(), merchant.void())
        ends = captured.json()["status"], voided.json()["status"]
        assert ends in {("captured", "refused"), ("refused", "voided")}


async def test_one_key_for_two_payments_at_once_serves_one_of_them(client: httpx.AsyncClient) -> None:
    key = f"shared {uuid4()}"
    answers = await asyncio.gather(*(Merchant(client).authorize("tok_ok", key) for _ in range(8)))
    assert Counter(it.status_code for it in answers) == {200: 1, 409: 7}


async def test_a_void_of_an_unknown_payment_refuses_its_late_authorization(merchant: Merchant) -> None:
    voided = (await merchant.void()).json()
    assert (voided["status"], voided["amount"], "currency" in voided) == ("voided", 0, False)
    late = (await merchant.authorize("tok_ok")).json()
    assert (late["status"], late["code"]) == ("declined", "ALREADY_VOIDED")
    assert (await merchant.capture()).json()["code"] == "ALREADY_VOIDED"


async def test_a_captured_payment_cannot_be_voided(merchant: Merchant) -> None:
    await merchant.authorize("tok_ok")
    await merchant.capture()
    refused = (await merchant.void()).json()
    assert (refused["status"], refused["code"]) == ("refused", "ALREADY_CAPTURED")


async def test_refunds_never_exceed_what_was_captured(merchant: Merchant) -> None:
    await merchant.authorize("tok_ok")
    await merchant.capture(amount=1000)
    refunds = await asyncio.gather(*(merchant.refund(400, f"r {uuid4()}") for _ in range(6)))
    assert Counter(it.json()["status"] for it in refunds) == {"refunded": 2, "refused": 4}
    assert {it.json().get("code") for it in refunds} == {None, "REFUND_EXCEEDS_CAPTURE"}


async def test_a_card_number_is_refused_and_written_nowhere(merchant: Merchant) -> None:
    for card in ("4242424242424242", "4242 4242 4242 4242"):
        refused = await merchant.authorize(card)
        assert (refused.status_code, refused.json()["code"]) == (422, "CARD_NUMBER_NOT_ALLOWED")
        assert "4242" not in refused.json()["detail"]
    assert (await merchant.look_up("authorize")).status_code == 404
    assert await merchant.ledger() == []


async def test_the_ledger_is_read_in_pages_by_operators_of_its_tenant_alone(
    client: httpx.AsyncClient,
) -> None:
    tenant = Merchant(client, merchant="rival")
    payments = [Merchant(client, merchant="rival") for _ in range(5)]
    for payment in payments:
        await payment.authorize("tok_ok")
    found, cursor = [], None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        headers = {"Authorization": "Bearer rival-ops"}
        page = (await client.get("/v1/simulated-gateway/ledger", params=query, headers=headers)).json()
        found += [it["payment_id"] for it in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found[-5:] == [str(it.payment_id) for it in payments]
    assert [it["payment_id"] for it in await payments[0].ledger()] == [str(payments[0].payment_id)]
    assert await Merchant(client, checkout_id=payments[0].checkout_id).ledger() == []
    assert await tenant.ledger() == []


async def test_only_the_secret_moves_money_and_only_operators_read(merchant: Merchant) -> None:
    for key, path, status in (
        ("demo-service", "/v1/operations/x?merchant=demo", 401),
        ("demo-admin", "/v1/simulated-gateway/ledger", 403),
        ("nobody", "/v1/simulated-gateway/ledger", 401),
    ):
        answer = await merchant.client.get(path, headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == status, path
