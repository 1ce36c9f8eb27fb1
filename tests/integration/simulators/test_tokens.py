"""What each token makes the gateway do, seen from outside."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable

import httpx
import pytest

from tests.integration.simulators.conftest import SECRET, Clock, Merchant
from tests.support.single_service import created_database, running_service

PATIENCE = 1.5


async def unanswered(call: Awaitable[httpx.Response]) -> bool:
    """Whether the call is still without an answer when its caller gives up."""
    try:
        await asyncio.wait_for(call, PATIENCE)
    except TimeoutError:
        return True
    return False


async def until_done(merchant: Merchant) -> None:
    async with asyncio.timeout(10):
        while (await merchant.look_up("authorize")).status_code != 200:  # noqa: ASYNC110  # another process does it
            await asyncio.sleep(0.01)


async def test_an_approved_payment_is_authorized_captured_and_refunded(merchant: Merchant) -> None:
    authorized = (await merchant.authorize("tok_ok")).json()
    assert authorized == {
        "operation": "authorize",
        "status": "authorized",
        "payment_id": str(merchant.payment_id),
        "key": merchant.key("authorize"),
        "reference": authorized["reference"],
        "amount": 1999,
        "currency": "USD",
    }
    assert (await merchant.capture()).json()["status"] == "captured"
    assert (await merchant.refund(1999)).json()["status"] == "refunded"
    entries = [(it["operation"], it["status"], it["amount"]) for it in await merchant.ledger()]
    assert entries == [
        ("authorize", "authorized", 1999),
        ("capture", "captured", 1999),
        ("refund", "refunded", 1999),
    ]


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("tok_declined", "PAYMENT_DECLINED"),
        ("tok_insufficient_funds", "INSUFFICIENT_FUNDS"),
        ("anything else", "PAYMENT_DECLINED"),
    ],
)
async def test_a_declined_authorization_holds_nothing(merchant: Merchant, token: str, code: str) -> None:
    answer = (await merchant.authorize(token)).json()
    assert (answer["status"], answer["code"]) == ("declined", code)
    refused = (await merchant.capture()).json()
    assert (refused["status"], refused["code"]) == ("refused", "NOT_AUTHORIZED")


async def test_a_payment_that_needs_an_action_is_authorized_by_its_confirmation(merchant: Merchant) -> None:
    asked = (await merchant.authorize("tok_action")).json()
    assert asked["status"] == "requires_action"
    assert f"/actions/{merchant.payment_id}?" in asked["action_url"]
    assert (await merchant.capture("too-early")).json()["code"] == "NOT_AUTHORIZED"
    assert (await merchant.confirm()).json()["status"] == "authorized"
    assert (await merchant.confirm()).json()["status"] == "authorized"
    assert (await merchant.capture()).json()["status"] == "captured"


async def test_an_authorization_that_times_out_has_happened_and_a_look_up_says_so(merchant: Merchant) -> None:
    assert (await merchant.look_up("authorize")).status_code == 404
    assert await unanswered(merchant.authorize("tok_timeout"))
    assert await unanswered(merchant.authorize("tok_timeout"))
    found = (await merchant.look_up("authorize")).json()
    assert (found["status"], found["amount"]) == ("authorized", 1999)
    assert (await merchant.capture()).json()["status"] == "captured"
    assert [it["operation"] for it in await merchant.ledger()] == ["authorize", "capture"]


async def test_a_flaky_gateway_refuses_the_first_two_calls_of_every_operation(merchant: Merchant) -> None:
    expected = [503, 503, 200, 200]
    assert [(await merchant.authorize("tok_flaky")).status_code for _ in expected] == expected
    assert [(await merchant.capture()).status_code for _ in expected] == expected
    assert [(await merchant.refund(1)).status_code for _ in expected] == expected
    assert [it["operation"] for it in await merchant.ledger()] == ["authorize", "capture", "refund"]


async def test_a_flaky_refusal_has_no_effect(merchant: Merchant) -> None:
    assert (await merchant.authorize("tok_flaky")).json()["code"] == "UNAVAILABLE"
    assert (await merchant.look_up("authorize")).status_code == 404
    assert await merchant.ledger() == []


async def test_a_capture_that_fails_leaves_the_authorization_to_be_voided(merchant: Merchant) -> None:
    assert (await merchant.authorize("tok_capture_fails")).json()["status"] == "authorized"
    refused = (await merchant.capture()).json()
    assert (refused["status"], refused["code"]) == ("refused", "CAPTURE_FAILED")
    assert (await merchant.void()).json()["status"] == "voided"


async def test_a_gateway_that_is_down_does_not_answer_until_the_time_is_over(
    merchant: Merchant, clock: Clock
) -> None:
    assert await unanswered(merchant.authorize("tok_down"))
    await clock.move(20)
    assert await unanswered(merchant.authorize("tok_down"))
    assert await unanswered(merchant.look_up("authorize"))
    assert await unanswered(merchant.void())
    assert await merchant.ledger() == []
    await clock.move(11)
    assert (await merchant.look_up("authorize")).status_code == 404
    assert (await merchant.authorize("tok_down")).json()["status"] == "authorized"
    assert (await merchant.void()).json()["status"] == "voided"


async def test_a_call_that_is_held_open_does_not_delay_the_end_and_its_count_survives(
    database_server: str,
) -> None:
    database = await created_database("feira_gateway_restarted", database_server)
    settings = {"FEIRA_GATEWAY_SECRET": SECRET}
    headers = {"Authorization": f"Bearer {SECRET}"}
    async with (
        running_service("simulators.gateway", database, settings) as first,
        httpx.AsyncClient(base_url=first.url, headers=headers, timeout=20) as client,
    ):
        merchant, flaky = Merchant(client), Merchant(client)
        assert (await flaky.authorize("tok_flaky")).status_code == 503
        held = asyncio.create_task(merchant.authorize("tok_timeout"))
        await until_done(merchant)
        began = time.monotonic()
        first.process.terminate()
        await first.process.wait()
        assert time.monotonic() - began < 15, "it would be silent for a minute"
        assert (await held).status_code == 504
    async with (
        running_service("simulators.gateway", database, settings) as second,
        httpx.AsyncClient(base_url=second.url, headers=headers, timeout=20) as client,
    ):
        merchant.client = flaky.client = client
        assert (await merchant.look_up("authorize")).json()["status"] == "authorized"
        assert [(await flaky.authorize("tok_flaky")).status_code for _ in range(2)] == [503, 200]
