"""The simulated Stripe does what the real one does: its states, its keys, its books, its events."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from simulators.stripe import tokens
from tests.integration.simulators.receiver import receiving
from tests.support.stripe import RunningStripe, running_stripe

INTENTS = "/v1/payment_intents"
HOLD = {
    "amount": "1999",
    "currency": "usd",
    "payment_method": tokens.OK,
    "capture_method": "manual",
    "confirm": "true",
}


@pytest.fixture(scope="module")
async def stripe(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningStripe]:
    async with running_stripe(tmp_path_factory.mktemp("stripe") / "ledger.sqlite") as running:
        yield running


async def post(stripe: RunningStripe, path: str, form: dict[str, str], key: str = "") -> httpx.Response:
    headers = {"Idempotency-Key": key or uuid4().hex}
    return await stripe.client.post(path, data=form, headers=headers)


async def held(stripe: RunningStripe, **other: str) -> dict[str, Any]:
    made: dict[str, Any] = (await post(stripe, INTENTS, HOLD | other)).raise_for_status().json()
    return made


async def captured(stripe: RunningStripe, **other: str) -> dict[str, Any]:
    intent = await held(stripe, **other)
    answer = await post(stripe, f"{INTENTS}/{intent['id']}/capture", {})
    made: dict[str, Any] = answer.raise_for_status().json()
    return made


def code(answer: httpx.Response) -> str:
    found: str = answer.json()["error"]["code"]
    return found


async def test_only_the_secret_key_of_an_account_gives_access(stripe: RunningStripe) -> None:
    refused = await stripe.client.get(INTENTS, headers={"Authorization": "Bearer sk_test_of_nobody"})
    assert refused.status_code == 401


async def test_money_is_held_then_captured_in_part_and_the_rest_is_let_go(stripe: RunningStripe) -> None:
    intent = await held(stripe)
    assert (intent["status"], intent["amount_capturable"]) == ("requires_capture", 1999)
    answer = await post(stripe, f"{INTENTS}/{intent['id']}/capture", {"amount_to_capture": "1500"})
    assert (answer.json()["status"], answer.json()["amount_received"]) == ("succeeded", 1500)
    again = await post(stripe, f"{INTENTS}/{intent['id']}/capture", {})
    assert (again.status_code, code(again)) == (400, "payment_intent_unexpected_state")
    cancel = await post(stripe, f"{INTENTS}/{intent['id']}/cancel", {})
    assert (cancel.status_code, code(cancel)) == (400, "payment_intent_unexpected_state")


@pytest.mark.parametrize(
    ("token", "decline"),
    [(tokens.DECLINED, "generic_decline"), (tokens.INSUFFICIENT_FUNDS, "insufficient_funds")],
)
async def test_a_declined_card_leaves_an_intent_that_wants_another_one(
    token: str, decline: str, stripe: RunningStripe
) -> None:
    answer = await post(stripe, INTENTS, HOLD | {"payment_method": token})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["decline_code"]) == (402, "card_declined", decline)
    found = await stripe.client.get(f"{INTENTS}/{error['payment_intent']['id']}")
    assert found.json()["status"] == "requires_payment_method"


async def test_a_customer_approves_or_declines_on_the_providers_page(stripe: RunningStripe) -> None:
    ends = {"approve": "requires_capture", "decline": "requires_payment_method"}
    for do, status in ends.items():
        intent = await held(stripe, payment_method=tokens.ACTION)
        assert intent["status"] == "requires_action"
        await stripe.act(intent["id"], do)
        assert (await stripe.client.get(f"{INTENTS}/{intent['id']}")).json()["status"] == status


async def test_refunds_never_exceed_the_capture(stripe: RunningStripe) -> None:
    paid = await captured(stripe)
    form = {"payment_intent": paid["id"], "amount": "1500"}
    answers = await asyncio.gather(*(post(stripe, "/v1/refunds", form) for _ in range(8)))
    assert sorted(it.status_code for it in answers) == [200] + [400] * 7
    listed = (await stripe.client.get("/v1/refunds", params={"payment_intent": paid["id"]})).json()["data"]
    assert [it["amount"] for it in listed] == [1500]


async def test_a_key_executes_one_request_once(stripe: RunningStripe) -> None:
    key = uuid4().hex
    answers = await asyncio.gather(*(post(stripe, INTENTS, HOLD, key) for _ in range(8)))
    assert {it.status_code for it in answers} == {200}
    assert len({it.json()["id"] for it in answers}) == 1
    replayed = [it for it in answers if it.headers.get("Idempotent-Replayed") == "true"]
    assert len(replayed) == 7
    other = await post(stripe, INTENTS, HOLD | {"amount": "2000"}, key)
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")


async def test_a_stored_500_is_repeated_under_its_key_for_a_day(tmp_path: Path) -> None:
    async with running_stripe(tmp_path / "ledger") as stripe:
        key = uuid4().hex
        await stripe.fault("500", method="POST")
        for _ in range(2):
            assert (await post(stripe, INTENTS, HOLD, key)).status_code == 500
        assert (await stripe.client.get(INTENTS)).json()["data"] == []
        await stripe.control("clock", {"seconds": 24 * 3600 + 1})
        assert (await post(stripe, INTENTS, HOLD, key)).status_code == 200


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
    fault: str, status: int | None, effect: bool, stripe: RunningStripe
) -> None:
    intent = await held(stripe)
    path = f"{INTENTS}/{intent['id']}"
    await stripe.fault(fault, method="POST", path="/capture$")
    answered = None
    with suppress(httpx.TimeoutException):
        answered = (await stripe.client.post(f"{path}/capture", timeout=0.5)).status_code
    assert answered == status
    assert ((await stripe.client.get(path)).json()["status"] == "succeeded") is effect
    assert (await post(stripe, f"{path}/capture", {})).status_code == (400 if effect else 200)


async def test_a_fault_waits_for_the_nth_request(stripe: RunningStripe) -> None:
    await stripe.fault("429", method="GET", path="/v1/customers$", nth=2)
    statuses = [(await stripe.client.get("/v1/customers")).status_code for _ in range(3)]
    assert statuses == [200, 429, 200]


async def test_lists_are_paged_and_begin_at_a_moment(tmp_path: Path) -> None:
    async with running_stripe(tmp_path / "ledger") as stripe:
        first = await held(stripe)
        await stripe.control("clock", {"seconds": 3600})
        later = [(await held(stripe))["id"] for _ in range(3)]
        since = {"created[gte]": str(first["created"] + 1), "limit": "2"}
        page = (await stripe.client.get(INTENTS, params=since)).json()
        assert page["has_more"] is True
        last = page["data"][-1]["id"]
        rest = (await stripe.client.get(INTENTS, params=since | {"starting_after": last})).json()
        found = [it["id"] for it in (*page["data"], *rest["data"])]
        assert (sorted(found), rest["has_more"]) == (sorted(later), False)


async def test_its_books_outlive_a_kill(tmp_path: Path) -> None:
    async with running_stripe(tmp_path / "ledger") as stripe:
        paid = await captured(stripe)
        await stripe.kill()
    async with running_stripe(tmp_path / "ledger") as again:
        assert (await again.client.get(f"{INTENTS}/{paid['id']}")).json() == paid


async def test_events_are_signed_repeated_until_answered_lost_doubled_and_disordered(tmp_path: Path) -> None:
    async with running_stripe(tmp_path / "ledger") as stripe, receiving() as (url, received, statuses):
        paid = await captured(stripe)
        secret = (await post(stripe, "/v1/webhook_endpoints", {"url": url})).json()["secret"]

        async def refund() -> str:
            made = await post(stripe, "/v1/refunds", {"payment_intent": paid["id"], "amount": "100"})
            return str(made.raise_for_status().json()["id"])

        async def next_event() -> tuple[dict[str, str], bytes]:
            async with asyncio.timeout(15):
                return await received.get()

        async def next_refund() -> str:
            return str(json.loads((await next_event())[1])["data"]["object"]["id"])

        statuses.append(500)
        first = await refund()
        _, failed = await next_event()
        headers, body = await next_event()
        assert json.loads(body) == json.loads(failed)
        assert (json.loads(body)["type"], json.loads(body)["data"]["object"]["id"]) == (
            "refund.created",
            first,
        )
        sent_at = headers["stripe-signature"].partition(",")[0].removeprefix("t=")
        signed = hmac.new(secret.encode(), f"{sent_at}.".encode() + body, hashlib.sha256).hexdigest()
        assert headers["stripe-signature"] == f"t={sent_at},v1={signed}"

        await stripe.control("webhooks", {"drop": 1})
        await refund()
        kept = await refund()
        assert await next_refund() == kept

        await stripe.control("webhooks", {"duplicate": 1})
        doubled = await refund()
        assert [await next_refund() for _ in range(2)] == [doubled] * 2

        await stripe.control("webhooks", {"reorder": 2})
        in_order = [await refund() for _ in range(2)]
        assert [await next_refund() for _ in range(2)] == in_order[::-1]
