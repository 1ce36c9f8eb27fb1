"""What the gateway keeps of a payment, and what customers demand back: both stand in its list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from devstack.databases import Database
from tests.integration.simulators.conftest import SECRET, Merchant
from tests.integration.simulators.test_ways_to_pay import act, asked_to_pay
from tests.support.single_service import RunningService, running_service

KEEPS = {
    "FEIRA_GATEWAY_SECRET": SECRET,
    "FEIRA_GATEWAY_FEE_BASIS_POINTS": "290",
    "FEIRA_GATEWAY_FEE_FIXED": "30",
    "FEIRA_GATEWAY_DISPUTE_FEE": "1500",
    "FEIRA_GATEWAY_FEE_RETURNED": "true",
}
FEE = 58 + 30
"""Of a capture of 1,999: 57.971, rounded, and the fixed part."""


@pytest.fixture(scope="module")
async def keeping(database: Database) -> AsyncIterator[RunningService]:
    """Another process of the gateway, on the same ledger, that keeps fees."""
    async with running_service("simulators.gateway", database, KEEPS) as service:
        yield service


@pytest.fixture
async def seller(keeping: RunningService) -> AsyncIterator[Merchant]:
    headers = {"Authorization": f"Bearer {SECRET}"}
    async with httpx.AsyncClient(base_url=keeping.url, headers=headers, timeout=20) as client:
        yield Merchant(client)


async def sold(merchant: Merchant) -> Merchant:
    await merchant.authorize("tok_ok")
    assert (await merchant.capture()).json()["status"] == "captured"
    return merchant


async def listed(
    merchant: Merchant, disputes: str = "", *, window: tuple[datetime, datetime] | None = None
) -> list[dict[str, Any]]:
    """The entries of its payment."""
    now = datetime.now(UTC)
    since, until = window or (now - timedelta(hours=1), now + timedelta(minutes=1))
    params: dict[str, str] = {
        "merchant": merchant.merchant,
        "since": since.isoformat(),
        "until": until.isoformat(),
        **({"disputes": disputes} if disputes else {}),
    }
    answer = await merchant.client.get("/v1/entries", params=params)
    assert answer.status_code == 200, answer.text
    return [it for it in answer.json()["entries"] if it["payment_id"] == str(merchant.payment_id)]


def short(entries: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    return [(it["kind"], it["state"], it["amount"]) for it in entries]


async def dispute(
    merchant: Merchant, key: str | None = None, role: str = "ops", **body: Any
) -> httpx.Response:
    headers = {
        "Authorization": f"Bearer {merchant.merchant}-{role}",
        "Idempotency-Key": key or uuid4().hex,
    }
    asked = {"payment_id": str(merchant.payment_id), "reason": "fraudulent", **body}
    return await merchant.client.post("/v1/simulated-gateway/disputes", json=asked, headers=headers)


async def close(merchant: Merchant, dispute_id: str, outcome: str, role: str = "ops") -> httpx.Response:
    headers = {"Authorization": f"Bearer {merchant.merchant}-{role}"}
    path = f"/v1/simulated-gateway/disputes/{dispute_id}/close"
    return await merchant.client.post(path, json={"outcome": outcome}, headers=headers)


async def test_without_its_settings_the_gateway_keeps_nothing(merchant: Merchant) -> None:
    await sold(merchant)
    assert short(await listed(merchant)) == [("capture", "done", 1999)]


async def test_a_capture_is_listed_with_its_fee_once_however_often_it_is_asked_for(seller: Merchant) -> None:
    await sold(seller)
    assert len({it.text for it in await asyncio.gather(*(seller.capture() for _ in range(6)))}) == 1
    capture, fee = await listed(seller)
    assert short([capture, fee]) == [("capture", "done", 1999), ("fee", "done", FEE)]
    assert (fee["reference"], fee["currency"], fee["key"]) == (capture["reference"], "USD", None)


async def test_what_is_paid_at_a_bank_has_a_fee_too(seller: Merchant) -> None:
    await asked_to_pay(seller, "pix")
    await act(seller, "pay")
    await act(seller, "pay")
    assert short(await listed(seller)) == [("capture", "done", 1999), ("fee", "done", FEE)]


async def test_a_refused_capture_has_no_fee(seller: Merchant) -> None:
    await sold(seller)
    assert (await seller.capture("another")).json()["status"] == "refused"
    assert [it["kind"] for it in await listed(seller)] == ["capture", "fee"]


async def test_all_refunds_together_give_back_the_part_and_keep_the_fixed_sum(seller: Merchant) -> None:
    await sold(seller)
    for amount in (333, 333, 1333):
        assert (await seller.refund(amount, uuid4().hex)).json()["status"] == "refunded"
    fees = [it["amount"] for it in await listed(seller) if it["kind"] == "fee"]
    assert fees[0] == FEE and sum(fees) == 30


async def test_a_dispute_takes_its_amount_and_a_fee_until_it_is_won(seller: Merchant) -> None:
    await sold(seller)
    opened = await dispute(seller, amount=1000)
    assert opened.status_code == 201, opened.text
    its_id = opened.json()["dispute_id"]
    *_, entry, fee = await listed(seller)
    assert short([entry, fee]) == [("dispute", "open", 1000), ("fee", "done", 1500)]
    assert (entry["reference"], entry["detail"]) == (its_id, "fraudulent")
    assert entry["due_at"] is not None and entry["checkout_id"] == str(seller.checkout_id)
    assert (await seller.refund(1000)).json()["code"] == "REFUND_EXCEEDS_CAPTURE"
    assert (await close(seller, its_id, "won")).json()["status"] == "won"
    assert (await close(seller, its_id, "won")).status_code == 200, "again: as before"
    late = await close(seller, its_id, "lost")
    assert (late.status_code, late.json()["code"]) == (409, "DISPUTE_CLOSED")
    assert ("dispute", "won", 1000) in short(await listed(seller))
    assert (await seller.refund(1999, "all")).json()["status"] == "refunded"


async def test_what_a_lost_dispute_took_is_neither_refunded_nor_disputed_again(seller: Merchant) -> None:
    await sold(seller)
    its_id = (await dispute(seller)).json()["dispute_id"]
    assert (await close(seller, its_id, "lost")).json()["status"] == "lost"
    assert (await seller.refund(1)).json()["code"] == "REFUND_EXCEEDS_CAPTURE"
    refused = await dispute(seller)
    assert (refused.status_code, refused.json()["code"]) == (409, "PAYMENT_NOT_DISPUTABLE")


async def test_a_dispute_is_opened_once_for_a_key(seller: Merchant) -> None:
    await sold(seller)
    key = uuid4().hex
    answers = await asyncio.gather(*(dispute(seller, key, amount=700) for _ in range(6)))
    assert {it.status_code for it in answers} == {201}
    assert len({it.text for it in answers}) == 1
    assert [it["amount"] for it in await listed(seller) if it["kind"] == "dispute"] == [700]
    other = await dispute(seller, key, amount=701)
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


async def test_disputes_at_the_same_time_take_no_more_than_was_captured(seller: Merchant) -> None:
    await sold(seller)
    answers = await asyncio.gather(*(dispute(seller, amount=800) for _ in range(6)))
    assert sorted(it.status_code for it in answers) == [201, 201, 409, 409, 409, 409]


async def test_an_old_dispute_is_listed_by_its_id(seller: Merchant) -> None:
    await sold(seller)
    its_id = (await dispute(seller, amount=5)).json()["dispute_id"]
    past = datetime.now(UTC) - timedelta(days=9)
    window = past, past
    assert await listed(seller, window=window) == []
    assert short(await listed(seller, f"unknown,{its_id}", window=window)) == [("dispute", "open", 5)]


async def test_only_operators_dispute_and_only_payments_of_their_own(seller: Merchant) -> None:
    await sold(seller)
    assert (await dispute(seller, role="storefront")).status_code == 403
    rival = Merchant(seller.client, "rival", payment_id=seller.payment_id)
    assert (await dispute(rival)).json()["code"] == "PAYMENT_NOT_FOUND"
    its_id = (await dispute(seller, amount=5)).json()["dispute_id"]
    assert (await close(rival, its_id, "lost")).json()["code"] == "DISPUTE_NOT_FOUND"
    assert await listed(rival, its_id) == []


async def test_only_what_was_captured_can_be_disputed(seller: Merchant) -> None:
    await seller.authorize("tok_ok")
    for amount in (None, 1):
        refused = await dispute(seller, amount=amount)
        assert (refused.status_code, refused.json()["code"]) == (409, "PAYMENT_NOT_DISPUTABLE")
    assert (await dispute(seller, amount=0)).status_code == 422
