"""The simulated PayPal does what the real one does: its states, its request ids, its books, its events."""

from __future__ import annotations

import asyncio
import base64
import json
import zlib
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.verification import PolicyBuilder, Store

from simulators.paypal import tokens
from tests.integration.simulators.receiver import receiving
from tests.support.paypal import CLIENT_ID, CLIENT_SECRET, RunningPayPal, running_paypal

AMOUNT = {"currency_code": "USD", "value": "19.99"}


@pytest.fixture(scope="module")
async def paypal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningPayPal]:
    async with running_paypal(tmp_path_factory.mktemp("paypal") / "ledger.sqlite") as running:
        yield running


async def token_of(paypal: RunningPayPal) -> str:
    answer = await paypal.client.post(
        "/v1/oauth2/token", auth=(CLIENT_ID, CLIENT_SECRET), data={"grant_type": "client_credentials"}
    )
    token: str = answer.raise_for_status().json()["access_token"]
    return token


@pytest.fixture
async def merchant(paypal: RunningPayPal) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {await token_of(paypal)}"}
    async with httpx.AsyncClient(base_url=paypal.url, headers=headers, timeout=20, trust_env=False) as client:
        yield client


def order_of(token: str | None, amount: dict[str, str] = AMOUNT, invoice: str = "") -> dict[str, Any]:
    unit = {"amount": amount, "invoice_id": invoice or str(uuid4()), "custom_id": "c-1"}
    source = {"payment_source": {"paypal": {"vault_id": token} if token else {}}}
    return {"intent": "AUTHORIZE", "purchase_units": [unit], **source}


async def post(merchant: httpx.AsyncClient, path: str, body: Any = None, key: str = "") -> httpx.Response:
    headers = {"PayPal-Request-Id": key or str(uuid4())}
    return await merchant.post(path, json=body or {}, headers=headers)


async def authorized(merchant: httpx.AsyncClient, token: str = tokens.OK) -> dict[str, Any]:
    answer = await post(merchant, "/v2/checkout/orders", order_of(token))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()["purchase_units"][0]["payments"]["authorizations"][0]
    return made


async def captured(merchant: httpx.AsyncClient, token: str = tokens.OK) -> dict[str, Any]:
    held = await authorized(merchant, token)
    answer = await post(merchant, f"/v2/payments/authorizations/{held['id']}/capture", {"amount": AMOUNT})
    made: dict[str, Any] = answer.json()
    return made


def issue(answer: httpx.Response) -> str:
    found: str = answer.json()["details"][0]["issue"]
    return found


async def test_only_the_merchants_credentials_give_a_token_and_only_a_token_gives_access(
    paypal: RunningPayPal,
) -> None:
    wrong = await paypal.client.post(
        "/v1/oauth2/token", auth=(CLIENT_ID, "wrong"), data={"grant_type": "client_credentials"}
    )
    refused = await paypal.client.post("/v2/checkout/orders", json=order_of(tokens.OK))
    assert (wrong.status_code, refused.status_code, issue(refused)) == (401, 401, "INVALID_TOKEN")


async def test_an_order_is_authorized_only_after_the_payer_approved_it(
    paypal: RunningPayPal, merchant: httpx.AsyncClient
) -> None:
    order = (await post(merchant, "/v2/checkout/orders", order_of(None))).json()
    path = f"/v2/checkout/orders/{order['id']}"
    assert order["status"] == "CREATED"
    assert issue(await post(merchant, f"{path}/authorize")) == "ORDER_NOT_APPROVED"
    assert "Approve" in (await paypal.client.get(order["links"][0]["href"])).text
    await paypal.approve(order["id"])
    assert (await merchant.get(path)).json()["status"] == "APPROVED"
    first = await post(merchant, f"{path}/authorize")
    assert first.json()["status"] == "COMPLETED"
    assert issue(await post(merchant, f"{path}/authorize")) == "ORDER_ALREADY_AUTHORIZED"


async def test_a_request_id_executes_one_request_once(merchant: httpx.AsyncClient) -> None:
    key, body = str(uuid4()), order_of(tokens.OK)
    answers = await asyncio.gather(*(post(merchant, "/v2/checkout/orders", body, key) for _ in range(5)))
    assert len({it.json()["id"] for it in answers}) == 1
    other = await post(merchant, "/v2/checkout/orders", order_of(tokens.OK), key)
    assert (other.status_code, issue(other)) == (422, "DUPLICATE_REQUEST_ID")


async def test_the_request_ids_of_orders_live_six_hours_and_those_of_payments_forty_five_days(
    tmp_path: Path,
) -> None:
    async with running_paypal(tmp_path / "ledger", token_seconds="10000000") as paypal:
        headers = {"Authorization": f"Bearer {await token_of(paypal)}"}
        async with httpx.AsyncClient(base_url=paypal.url, headers=headers, trust_env=False) as merchant:
            body = order_of(None)
            first = (await post(merchant, "/v2/checkout/orders", body, "order")).json()["id"]
            paid = await captured(merchant)
            path = f"/v2/payments/captures/{paid['id']}/refund"
            part = {"amount": {"currency_code": "USD", "value": "1.00"}}
            refund = (await post(merchant, path, part, "refund")).json()["id"]
            await paypal.control("clock", {"seconds": 6 * 3600 - 60})
            assert (await post(merchant, "/v2/checkout/orders", body, "order")).json()["id"] == first
            await paypal.control("clock", {"seconds": 120})
            assert (await post(merchant, "/v2/checkout/orders", body, "order")).json()["id"] != first
            await paypal.control("clock", {"seconds": 44 * 86400})
            assert (await post(merchant, path, part, "refund")).json()["id"] == refund
            await paypal.control("clock", {"seconds": 86400})
            assert (await post(merchant, path, part, "refund")).json()["id"] != refund


async def test_an_authorization_is_captured_once_and_then_not_voided(merchant: httpx.AsyncClient) -> None:
    held = await authorized(merchant)
    path = f"/v2/payments/authorizations/{held['id']}"
    answers = await asyncio.gather(*(post(merchant, f"{path}/capture", {"amount": AMOUNT}) for _ in range(4)))
    assert Counter(it.status_code for it in answers) == {201: 1, 422: 3}
    assert issue(await post(merchant, f"{path}/void")) == "PREVIOUSLY_CAPTURED"
    free = await authorized(merchant)
    path = f"/v2/payments/authorizations/{free['id']}"
    assert (await post(merchant, f"{path}/void")).status_code == 204
    assert issue(await post(merchant, f"{path}/void")) == "PREVIOUSLY_VOIDED"
    assert issue(await post(merchant, f"{path}/capture", {"amount": AMOUNT})) == "AUTHORIZATION_VOIDED"


async def test_refunds_never_exceed_the_capture(merchant: httpx.AsyncClient) -> None:
    paid = await captured(merchant)
    part = {"amount": {"currency_code": "USD", "value": "8.00"}}
    path = f"/v2/payments/captures/{paid['id']}"
    answers = await asyncio.gather(*(post(merchant, f"{path}/refund", part) for _ in range(4)))
    assert Counter(it.status_code for it in answers) == {201: 2, 422: 2}
    assert {issue(it) for it in answers if it.status_code == 422} == {"REFUND_AMOUNT_EXCEEDED"}
    assert (await merchant.get(path)).json()["status"] == "PARTIALLY_REFUNDED"
    assert (await post(merchant, f"{path}/refund")).json()["amount"]["value"] == "3.99"
    assert issue(await post(merchant, f"{path}/refund")) == "CAPTURE_FULLY_REFUNDED"


async def test_an_invoice_is_paid_once(merchant: httpx.AsyncClient) -> None:
    body = order_of(tokens.OK, invoice=str(uuid4()))
    assert (await post(merchant, "/v2/checkout/orders", body)).status_code == 201
    assert issue(await post(merchant, "/v2/checkout/orders", body)) == "DUPLICATE_INVOICE_ID"


@pytest.mark.parametrize(
    ("currency", "value", "status"),
    [
        ("JPY", "1500", 201),
        ("JPY", "1500.00", 422),
        ("HUF", "1.5", 422),
        ("USD", "1.999", 400),
        ("KWD", "1", 422),
    ],
)
async def test_amounts_are_decimal_strings_without_decimals_where_the_currency_has_none(
    currency: str, value: str, status: int, merchant: httpx.AsyncClient
) -> None:
    body = order_of(tokens.OK, {"currency_code": currency, "value": value})
    assert (await post(merchant, "/v2/checkout/orders", body)).status_code == status


async def test_the_transaction_search_lags_by_three_hours(tmp_path: Path) -> None:
    async with running_paypal(tmp_path / "ledger") as paypal:
        headers = {"Authorization": f"Bearer {await token_of(paypal)}"}
        async with httpx.AsyncClient(base_url=paypal.url, headers=headers, trust_env=False) as merchant:
            paid = await captured(merchant)
            await post(merchant, f"/v2/payments/captures/{paid['id']}/refund")

            async def found() -> list[tuple[str, str]]:
                start = datetime.fromisoformat(paid["create_time"]) - timedelta(minutes=1)
                end = start + timedelta(minutes=5)
                window = {"start_date": start.isoformat(), "end_date": end.isoformat()}
                page = (await merchant.get("/v1/reporting/transactions", params=window)).json()
                lines = [it["transaction_info"] for it in page["transaction_details"]]
                return [(it["transaction_event_code"], it["transaction_amount"]["value"]) for it in lines]

            assert await found() == []
            await paypal.control("clock", {"seconds": 3 * 3600 + 5})
            assert await found() == [("T1300", "19.99"), ("T0006", "19.99"), ("T1107", "-19.99")]


async def test_its_books_outlive_a_kill(tmp_path: Path) -> None:
    async with running_paypal(tmp_path / "ledger") as paypal:
        headers = {"Authorization": f"Bearer {await token_of(paypal)}"}
        async with httpx.AsyncClient(base_url=paypal.url, headers=headers, trust_env=False) as merchant:
            paid = await captured(merchant)
        await paypal.kill()
    async with running_paypal(tmp_path / "ledger") as again:
        found = await again.client.get(f"/v2/payments/captures/{paid['id']}", headers=headers)
        assert found.json() == paid | {"update_time": found.json()["update_time"]}


@pytest.mark.parametrize(
    ("fault", "status", "effect"),
    [
        ("500", 500, False),
        ("429", 429, False),
        ("timeout", None, False),
        ("executed_then_timeout", None, True),
    ],
)
async def test_a_fault_on_demand_holds_for_one_request(
    fault: str, status: int | None, effect: bool, paypal: RunningPayPal, merchant: httpx.AsyncClient
) -> None:
    held = await authorized(merchant)
    path = f"/v2/payments/authorizations/{held['id']}"
    await paypal.fault(fault, method="POST", path="/void$")
    answered = None
    try:
        answer = await merchant.post(f"{path}/void", timeout=0.5)
        answered = answer.status_code
    except httpx.TimeoutException:
        pass
    assert answered == status
    assert ((await merchant.get(path)).json()["status"] == "VOIDED") is effect
    assert (await post(merchant, f"{path}/void")).status_code == (422 if effect else 204)


async def test_events_are_signed_repeated_until_answered_lost_doubled_and_disordered(tmp_path: Path) -> None:
    async with running_paypal(tmp_path / "ledger") as paypal, receiving() as (url, received, statuses):
        headers = {"Authorization": f"Bearer {await token_of(paypal)}"}
        async with httpx.AsyncClient(base_url=paypal.url, headers=headers, trust_env=False) as merchant:

            async def next_event() -> tuple[dict[str, str], dict[str, Any], bytes]:
                async with asyncio.timeout(15):
                    got, body = await received.get()
                    return got, json.loads(body), body

            webhook = (await post(merchant, "/v1/notifications/webhooks", {"url": url})).json()["id"]
            statuses.append(500)
            held = await authorized(merchant)
            _, first, _ = await next_event()
            got, repeated, body = await next_event()
            assert first == repeated
            assert (first["event_type"], first["resource"]["id"]) == (
                "PAYMENT.AUTHORIZATION.CREATED",
                held["id"],
            )

            leaf, *others = x509.load_pem_x509_certificates(
                (await paypal.client.get(got["paypal-cert-url"])).content
            )
            root = x509.load_pem_x509_certificate((await paypal.client.get("/_control/root")).content)
            name = x509.DNSName("messageverificationcerts.paypal.com")
            PolicyBuilder().store(Store([root])).build_server_verifier(name).verify(leaf, others)
            signed = "|".join(
                [
                    got["paypal-transmission-id"],
                    got["paypal-transmission-time"],
                    webhook,
                    str(zlib.crc32(body)),
                ]
            )
            key = leaf.public_key()
            assert isinstance(key, rsa.RSAPublicKey)
            signature = base64.b64decode(got["paypal-transmission-sig"])
            key.verify(signature, signed.encode(), padding.PKCS1v15(), hashes.SHA256())

            await paypal.control("webhooks", {"drop": 1})
            await authorized(merchant)
            paid = await captured(merchant)
            kinds = [(await next_event())[1]["event_type"] for _ in range(2)]
            assert kinds == ["PAYMENT.AUTHORIZATION.CREATED", "PAYMENT.CAPTURE.COMPLETED"]

            await paypal.control("webhooks", {"duplicate": 1})
            await post(merchant, f"/v2/payments/captures/{paid['id']}/refund")
            assert len({(await next_event())[1]["id"] for _ in range(2)}) == 1

            await paypal.control("webhooks", {"reorder": 2})
            await captured(merchant)
            kinds = [(await next_event())[1]["event_type"] for _ in range(2)]
            assert kinds == ["PAYMENT.CAPTURE.COMPLETED", "PAYMENT.AUTHORIZATION.CREATED"]


async def test_a_dispute_and_a_payout_happen_without_a_request_of_the_merchant(
    paypal: RunningPayPal, merchant: httpx.AsyncClient
) -> None:
    paid = await captured(merchant)
    dispute = await paypal.control("disputes", {"capture_id": paid["id"], "value": "19.99"})
    await paypal.control(f"disputes/{dispute['id']}/close", {"outcome": "won"})
    found = (await merchant.get(f"/v1/customer/disputes/{dispute['id']}")).json()
    assert (found["status"], found["dispute_outcome"]) == (
        "RESOLVED",
        {"outcome_code": "RESOLVED_SELLER_FAVOUR"},
    )
    payout = await paypal.control(f"payouts/{CLIENT_ID}", {"currency": "USD", "value": "5.00"})
    assert payout["amount"] == {"currency_code": "USD", "value": "5.00"}
