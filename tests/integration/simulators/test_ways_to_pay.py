"""Pix and boleto at the gateway, what the customer does there, and the tokens that fail late."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.simulators.conftest import Clock, Merchant
from tests.integration.simulators.test_tokens import unanswered

UNTIL = "2026-03-01T12:30:00Z"


async def asked_to_pay(merchant: Merchant, method: str) -> dict[str, Any]:
    body = {
        "merchant": merchant.merchant,
        "payment_id": str(merchant.payment_id),
        "checkout_id": str(merchant.checkout_id),
        "amount": 1999,
        "currency": "BRL",
        "method": method,
        "expires_at": UNTIL,
    }
    headers = {"Idempotency-Key": merchant.key("authorize")}
    answer = await merchant.client.post("/v1/authorizations", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def act(merchant: Merchant, do: str, role: str = "ops", **body: Any) -> httpx.Response:
    path = f"/v1/simulated-gateway/payments/{merchant.payment_id}/act"
    headers = {"Authorization": f"Bearer {merchant.merchant}-{role}"}
    return await merchant.client.post(path, json={"do": do, **body}, headers=headers)


async def state(merchant: Merchant) -> httpx.Response:
    params = {"merchant": merchant.merchant}
    return await merchant.client.get(f"/v1/payments/{merchant.payment_id}", params=params)


@pytest.mark.parametrize(("method", "name"), [("pix", "code"), ("boleto", "number")])
async def test_a_push_payment_is_paid_at_a_bank(merchant: Merchant, method: str, name: str) -> None:
    asked = await asked_to_pay(merchant, method)
    assert (asked["status"], asked["action_kind"], asked["action_until"]) == (
        "requires_action",
        method,
        UNTIL,
    )
    assert asked["action_data"][name]
    assert (await state(merchant)).json()["status"] == "requires_action"
    assert (await act(merchant, "pay")).json()["status"] == "captured"
    assert (await act(merchant, "pay")).json()["status"] == "captured", "again: as before"
    found = (await state(merchant)).json()
    assert (found["status"], found["amount"], found["key"]) == ("captured", 1999, merchant.key("authorize"))
    refused = (await merchant.void()).json()
    assert (refused["status"], refused["code"]) == ("refused", "ALREADY_CAPTURED")
    assert [it["operation"] for it in await merchant.ledger()] == ["authorize", "capture", "void"]


async def test_what_was_voided_can_no_longer_be_paid(merchant: Merchant) -> None:
    await asked_to_pay(merchant, "pix")
    assert (await merchant.void()).json()["status"] == "voided"
    late = await act(merchant, "pay")
    assert (late.status_code, late.json()["code"]) == (409, "PAYMENT_NOT_WAITING")
    assert (await state(merchant)).json()["status"] == "declined"


async def test_another_amount_than_was_asked_for_may_be_paid(merchant: Merchant) -> None:
    await asked_to_pay(merchant, "pix")
    assert (await act(merchant, "pay", amount=1998)).json()["amount"] == 1998
    assert (await state(merchant)).json()["amount"] == 1998


async def test_the_customer_approves_or_declines_at_the_gateways_page(merchant: Merchant) -> None:
    await merchant.authorize("tok_action")
    assert (await act(merchant, "pay")).status_code == 409
    assert (await act(merchant, "approve")).json()["status"] == "authorized"
    assert (await state(merchant)).json()["status"] == "authorized"
    assert (await merchant.confirm()).json()["status"] == "authorized"
    assert (await merchant.capture()).json()["status"] == "captured"
    other = Merchant(merchant.client)
    await other.authorize("tok_action")
    assert (await act(other, "decline")).json()["status"] == "declined"
    assert (await state(other)).json()["status"] == "declined"


async def test_only_operators_act_and_only_on_payments_of_their_own(merchant: Merchant) -> None:
    await asked_to_pay(merchant, "pix")
    assert (await act(merchant, "pay", role="storefront")).status_code == 403
    rival = Merchant(merchant.client, "rival", payment_id=merchant.payment_id)
    assert (await act(rival, "pay")).status_code == 404
    assert (await state(Merchant(merchant.client, payment_id=uuid4()))).status_code == 404


async def test_a_suffix_changes_nothing_but_the_card(merchant: Merchant) -> None:
    assert (await merchant.authorize("tok_ok.card7")).json()["status"] == "authorized"
    other = Merchant(merchant.client)
    assert (await other.authorize("tok_ok.Not A Suffix")).json()["status"] == "declined"


async def test_a_confirmation_may_be_declined(merchant: Merchant) -> None:
    assert (await merchant.authorize("tok_action_declined")).json()["status"] == "requires_action"
    assert (await merchant.confirm()).json()["status"] == "declined"


async def test_a_capture_may_happen_without_an_answer(merchant: Merchant) -> None:
    await merchant.authorize("tok_capture_timeout")
    assert await unanswered(merchant.capture())
    assert (await merchant.look_up("capture")).json()["status"] == "captured"


async def test_an_authorization_may_lapse_and_is_voided_then(merchant: Merchant, clock: Clock) -> None:
    assert (await merchant.authorize("tok_auth_expires")).json()["status"] == "authorized"
    await clock.move(60)
    refused = (await merchant.capture()).json()
    assert (refused["status"], refused["code"]) == ("refused", "AUTHORIZATION_EXPIRED")
    assert (await merchant.void()).json()["status"] == "voided"


async def test_a_void_may_be_refused(merchant: Merchant) -> None:
    await merchant.authorize("tok_void_refused")
    assert (await merchant.void()).json()["code"] == "VOID_REFUSED"


async def test_a_refund_may_be_refused_or_take_its_time(merchant: Merchant, clock: Clock) -> None:
    await merchant.authorize("tok_refund_fails")
    await merchant.capture()
    assert (await merchant.refund(1)).json()["code"] == "REFUND_FAILED"
    other = Merchant(merchant.client)
    await other.authorize("tok_refund_pending")
    await other.capture()
    assert (await other.refund(1)).json()["status"] == "pending"
    assert (await other.look_up("refund")).json()["status"] == "pending"
    await clock.move(30)
    assert (await other.look_up("refund")).json()["status"] == "refunded"
