"""What a gateway says counts only if it is about the very request that was made."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from checkout_saga.customers.vault import Vault
from checkout_saga.payments.domain.operation import ActionNeeded, Declined, Done, Operation, Outcome, Unknown
from checkout_saga.payments.providers.simulated.provider import SimulatedGateway
from tests.unit.checkout_saga.examples import PAYMENT, request

CAPTURE = request(Operation.CAPTURE)
NO_TOKEN = Vault.__new__(Vault)
"""Only an authorization opens anything, and none is made here."""


def captured(**other: Any) -> dict[str, Any]:
    usual = {"key": CAPTURE.key, "payment_id": str(PAYMENT), "status": "captured", "reference": "ref"}
    return {**usual, "amount": 2000, "currency": "USD", **other}


async def ask(
    answer: httpx.Response | Exception,
    operation: Operation = Operation.CAPTURE,
    look_up: httpx.Response | Exception | None = None,
    *,
    again: bool = False,
) -> tuple[Outcome, list[str]]:
    """What comes of one call to a gateway that answers like this, and what it was asked for."""
    calls: list[str] = []

    def handle(it: httpx.Request) -> httpx.Response:
        calls.append(it.method)
        said = answer if it.method == "POST" else look_up or httpx.Response(404)
        if isinstance(said, Exception):
            raise said
        return said

    async with httpx.AsyncClient(base_url="http://gateway", transport=httpx.MockTransport(handle)) as client:
        gateway = SimulatedGateway(client, NO_TOKEN, seconds=2)
        return await gateway.perform(request(operation), again=again), calls


async def test_an_answer_that_fits_counts() -> None:
    assert await ask(httpx.Response(200, json=captured())) == (Done("ref", 2000), ["POST"])


@pytest.mark.parametrize(
    "other",
    [
        {"key": "another"},
        {"payment_id": "01970000-0000-7000-8000-000000000000"},
        {"amount": 1999},
        {"amount": None},
        {"currency": "EUR"},
        {"status": "authorized"},
        {"status": ["captured"]},
        {"status": "requires_action", "action_url": "https://page"},
        {"reference": None},
    ],
    ids=str,
)
async def test_an_answer_about_something_else_leaves_the_outcome_unknown(other: dict[str, Any]) -> None:
    outcome, _ = await ask(httpx.Response(200, json=captured(**other)))
    assert isinstance(outcome, Unknown)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"<html>", b'{"status":', b"\xff"])
async def test_an_answer_that_cannot_be_read_leaves_the_outcome_unknown(body: bytes) -> None:
    outcome, _ = await ask(httpx.Response(200, content=body))
    assert isinstance(outcome, Unknown)


@pytest.mark.parametrize("status", [301, 400, 401, 404, 409, 422, 429, 500, 503, 504])
async def test_no_other_status_says_that_it_was_done_or_refused(status: int) -> None:
    outcome, _ = await ask(httpx.Response(status, json=captured()))
    assert isinstance(outcome, Unknown)


async def test_after_a_timeout_the_key_is_looked_up_at_the_gateway() -> None:
    silence = httpx.ReadTimeout("silence")
    outcome, calls = await ask(silence, look_up=httpx.Response(200, json=captured()))
    assert (outcome, calls) == (Done("ref", 2000), ["POST", "GET"])


async def test_a_repeated_call_looks_the_key_up_first_and_makes_no_request_if_it_is_known() -> None:
    known = httpx.Response(200, json=captured())
    assert await ask(httpx.Response(500), look_up=known, again=True) == (Done("ref", 2000), ["GET"])


async def test_a_repeated_call_whose_key_is_unknown_is_made() -> None:
    done = httpx.Response(200, json=captured())
    assert await ask(done, again=True) == (Done("ref", 2000), ["GET", "POST"])


async def test_a_failed_look_up_leaves_the_outcome_unknown_and_makes_no_request() -> None:
    outcome, calls = await ask(
        httpx.Response(200, json=captured()), look_up=httpx.ConnectError("down"), again=True
    )
    assert isinstance(outcome, Unknown)
    assert calls == ["GET"]


@pytest.mark.parametrize(
    ("operation", "code", "expected_code"),
    [
        (Operation.CONFIRM, "INSUFFICIENT_FUNDS", "INSUFFICIENT_FUNDS"),
        (Operation.CONFIRM, "ALREADY_VOIDED", "PAYMENT_DECLINED"),
        (Operation.CONFIRM, None, "PAYMENT_DECLINED"),
        (Operation.CAPTURE, "CAPTURE_FAILED", "CAPTURE_FAILED"),
        (Operation.CAPTURE, "NOT_AUTHORIZED", "CAPTURE_FAILED"),
        (Operation.CAPTURE, None, "CAPTURE_FAILED"),
        (Operation.VOID, "ALREADY_CAPTURED", "ALREADY_CAPTURED"),
    ],
)
async def test_the_gateways_decline_codes_map_to_codes_of_our_interface(
    operation: Operation, code: str | None, expected_code: str
) -> None:
    said = captured(status="refused", code=code, key=request(operation).key, amount=0, currency=None)
    outcome, _ = await ask(httpx.Response(200, json=said), operation)
    assert isinstance(outcome, Declined)
    assert outcome.code == expected_code


async def test_only_an_authorization_or_its_confirmation_may_require_an_action() -> None:
    said = captured(status="requires_action", action_url="https://page", key=request(Operation.CONFIRM).key)
    outcome, _ = await ask(httpx.Response(200, json=said), Operation.CONFIRM)
    assert outcome == ActionNeeded("ref", url="https://page")


async def test_a_void_returns_the_amount_that_was_voided() -> None:
    said = captured(status="voided", key=request(Operation.VOID).key, amount=0, currency=None)
    assert (await ask(httpx.Response(200, json=said), Operation.VOID))[0] == Done("ref", 0)
