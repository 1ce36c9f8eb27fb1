"""Fraud rules and reviews over HTTP, with a real database and the simulated gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import pytest

from checkout_saga.checkout.domain import step_names
from contracts.cart import RefusedRequest
from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.security.pseudonyms import address_pseudonym
from kernel.service.link_settings import DEVELOPMENT_KEY
from kernel.store.event_store import EventStore
from tests.integration.checkout_saga import neighbours as answers
from tests.integration.checkout_saga.conftest import caller
from tests.integration.checkout_saga.neighbours import ENDS, Neighbours, begin
from tests.support.database import service_pool
from tests.support.operator_page import act, sign_in, text_of
from tests.support.parts import Parts
from tests.support.single_service import RunningService, created_database, running_service

LIMIT = {"id": "01-declines", "enabled": True, "signal": "decline", "window_seconds": 600, "threshold": 1}
WATCHED = [
    {**LIMIT, "dimension": "device", "decision": "deny"},
    {
        "id": "02-large",
        "enabled": True,
        "signal": "amount",
        "decision": "review",
        "if": {"from": {"amount": 1}, "methods": ["card"]},
    },
]


@pytest.fixture(scope="module")
async def database(parts: Parts) -> Database:
    return await created_database("feira_checkout_screened", parts.postgres_superuser_url)


@pytest.fixture(scope="module")
async def service(
    database: Database, apart: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningService]:
    log = tmp_path_factory.mktemp("screened") / "service.log"
    settings = {**apart, "FEIRA_FRAUD": "on"}
    async with running_service("checkout_saga", database, settings, log, once="/livez") as running:
        yield running


@pytest.fixture(scope="module")
async def neighbours(database: Database, service: RunningService) -> AsyncIterator[Neighbours]:
    async with service_pool(database) as pool:
        yield Neighbours(EventStore(pool, MESSAGES), pool)


async def put(admin: httpx.AsyncClient, rules: list[dict[str, Any]]) -> dict[str, Any]:
    answer = await admin.put(
        "/v1/fraud/rules", json={"rules": rules}, headers={"Idempotency-Key": uuid4().hex}
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def decide(admin: httpx.AsyncClient, checkout_id: str, **body: Any) -> httpx.Response:
    return await admin.post(
        f"/v1/fraud/reviews/{checkout_id}/decision",
        json={"reason": "called the customer", **body},
        headers={"Idempotency-Key": uuid4().hex},
    )


async def in_review(shop: httpx.AsyncClient, neighbours: Neighbours, **fields: Any) -> str:
    checkout_id = await begin(shop, **fields)
    held = await neighbours.serve(shop, checkout_id, {"needs_operator"})
    assert held["waiting_for"]["kind"] == "fraud_review"
    return checkout_id


async def test_the_rules_are_replaced_as_a_whole_and_shown_as_they_were_put(
    admin: httpx.AsyncClient,
) -> None:
    defaults = (await admin.get("/v1/fraud/rules")).json()
    assert defaults["rules"][0]["id"] == "01-instrument-declines"
    shown = await put(admin, WATCHED)
    assert [it["id"] for it in shown["rules"]] == ["01-declines", "02-large"]
    assert shown["rules"][1]["if"]["from"]["amount"] == 1
    assert (await admin.get("/v1/fraud/rules")).json() == shown
    twice = await admin.put("/v1/fraud/rules", json={"rules": [WATCHED[0], WATCHED[0]]})
    assert (twice.status_code, twice.json()["code"]) == (422, "INVALID_REQUEST")


async def test_an_approved_payment_is_captured_and_completed(
    shop: httpx.AsyncClient, admin: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    await put(admin, WATCHED)
    checkout_id = await in_review(shop, neighbours)
    listed = (await admin.get("/v1/fraud/reviews")).json()["items"]
    (review,) = (it for it in listed if it["checkout_id"] == checkout_id)
    assert (review["amount"], [it["id"] for it in review["rules"]]) == (2000, ["02-large"])
    approved = await decide(admin, checkout_id, decision="approve")
    assert approved.status_code == 200, approved.text
    ended = await neighbours.serve(shop, checkout_id, ENDS)
    assert ended["status"] == "completed"
    closed = await decide(admin, checkout_id, decision="approve")
    assert (closed.status_code, closed.json()["code"]) == (409, "REVIEW_CLOSED")
    noted = await neighbours.pool.fetch(
        "SELECT DISTINCT signal FROM fraud_events WHERE subject = $1",
        UUID(ended["attempts"][0]["payment_id"]),
    )
    assert {it["signal"] for it in noted} == {"attempt", "paid"}


async def test_only_lines_of_the_sale_can_be_removed_and_a_declined_payment_is_voided(
    shop: httpx.AsyncClient, admin: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    await put(admin, WATCHED)
    checkout_id = await in_review(shop, neighbours)
    unknown = await decide(admin, checkout_id, decision="approve", remove_lines=[str(uuid4())])
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "#/remove_lines")
    declined = await decide(admin, checkout_id, decision="decline")
    assert declined.status_code == 200
    ended = await neighbours.serve(shop, checkout_id, ENDS)
    assert (ended["status"], ended["failure"]["code"]) == ("failed", "PAYMENT_DECLINED")
    payment = UUID(ended["attempts"][0]["payment_id"])
    assert await neighbours.types(payment) == ["payment.authorized", "payment.voided"]


async def test_a_denied_payment_is_never_asked_for(
    shop: httpx.AsyncClient, admin: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    await put(admin, WATCHED[:1])
    device = uuid4().hex
    first = await begin(shop, "tok_declined", device_id=device)
    await neighbours.serve(shop, first, ENDS)
    second = await begin(shop, device_id=device)
    ended = await neighbours.serve(shop, second, ENDS)
    assert (ended["failure"]["code"], ended["failure"]["phase"]) == ("PAYMENT_DECLINED", "authorize_payment")
    payment = UUID(ended["attempts"][0]["payment_id"])
    assert await neighbours.types(payment) == []


async def test_there_is_no_review_of_a_checkout_that_was_never_in_one(admin: httpx.AsyncClient) -> None:
    missing = await decide(admin, str(uuid4()), decision="approve")
    assert (missing.status_code, missing.json()["code"]) == (404, "REVIEW_NOT_FOUND")


async def test_an_admin_lets_a_payment_pass_on_the_pages_of_operators(
    shop: httpx.AsyncClient, admin: httpx.AsyncClient, service: RunningService, neighbours: Neighbours
) -> None:
    await put(admin, WATCHED)
    checkout_id = await in_review(shop, neighbours)
    path = f"/operator/reviews/{checkout_id}"
    async with httpx.AsyncClient(base_url=service.url, timeout=30) as visitor:
        await sign_in(visitor, "demo-admin")
        assert path in (await visitor.get("/operator?kind=review")).text
        page = (await visitor.get(path)).text
        assert "02-large" in text_of(page) and "20.00" in text_of(page)
        tried = await act(visitor, page, "approve", reason="called the customer")
        assert "checkout.review_decided" in tried.text
        assert (await act(visitor, tried.text, "approve", step="do")).status_code == 303
        assert "The review has ended." in (await visitor.get(path)).text
    assert (await neighbours.serve(shop, checkout_id, ENDS))["status"] == "completed"


async def altered(client: httpx.AsyncClient, **fields: Any) -> httpx.Response:
    body = {"cart_id": str(uuid4()), "customer": {"email": "ana@customers.example"}, "payment": {}, **fields}
    return await client.post("/v1/checkouts", json=body, headers={"Idempotency-Key": uuid4().hex})


async def noted_tampering(neighbours: Neighbours) -> int:
    count = "SELECT count(*) FROM fraud_events WHERE signal = 'tampering'"
    return int(await neighbours.pool.fetchval(count))


async def test_after_three_requests_with_prices_of_their_own_a_payment_from_that_address_is_denied(
    shop: httpx.AsyncClient, admin: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    tampering = {**LIMIT, "id": "07-tampering", "signal": "tampering", "dimension": "address"}
    await put(admin, [{**tampering, "threshold": 3, "decision": "deny"}])
    for fields in ({"total": 1}, {"payment": {"method": "card", "token": "tok_ok", "amount": 1}}):
        refused = await altered(shop, **fields)
        assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_REQUEST")
    assert await noted_tampering(neighbours) == 2
    allowed = await neighbours.serve(shop, await begin(shop), ENDS)
    assert allowed["status"] == "completed"

    await altered(shop, discount=100)
    denied = await neighbours.serve(shop, await begin(shop), ENDS)

    assert denied["failure"]["code"] == "PAYMENT_DECLINED"
    assert await noted_tampering(neighbours) == 3


async def test_what_is_refused_for_another_reason_or_comes_from_a_backend_or_nobody_is_not_noted(
    shop: httpx.AsyncClient, service: RunningService, neighbours: Neighbours
) -> None:
    before = await noted_tampering(neighbours)
    assert (await altered(shop, colour="red")).status_code == 422
    async with caller(service, "demo-service") as backend:
        assert (await altered(backend, total=1)).status_code == 422
    async with caller(service, "no such key") as nobody:
        assert (await altered(nobody, total=1)).status_code == 401
    assert await noted_tampering(neighbours) == before


def refused(signal: str, count: int) -> tuple[RefusedRequest, ...]:
    """What a cart reports: of the last minute, and by its own clock."""
    at = datetime.now(UTC) - timedelta(minutes=1)
    return tuple(RefusedRequest(request_id=uuid4(), signal=signal, at=at) for _ in range(count))


def reports(monkeypatch: pytest.MonkeyPatch, *reported: RefusedRequest) -> None:
    """Carts are locked from now on with this report of the buyer's address."""
    locked = answers.ANSWERS[step_names.LOCK_CART].model_copy(update={"refused_requests": reported})
    monkeypatch.setitem(answers.ANSWERS, step_names.LOCK_CART, locked)


async def locks_of(neighbours: Neighbours, checkout_id: str) -> list[dict[str, Any]]:
    rows = await neighbours.pool.fetch(
        "SELECT convert_from(body, 'utf-8')::jsonb::text AS body FROM log"
        " WHERE type = 'cart.lock' AND convert_from(body, 'utf-8')::jsonb ->> 'checkout_id' = $1",
        checkout_id,
    )
    return [orjson.loads(it["body"]) for it in rows]


@pytest.mark.parametrize(("signal", "most"), [("bad_code", 10), ("tampering", 3)])
async def test_what_carts_have_refused_of_the_buyers_address_is_counted_once_however_often_it_is_reported(
    shop: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    neighbours: Neighbours,
    monkeypatch: pytest.MonkeyPatch,
    signal: str,
    most: int,
) -> None:
    counted = {**LIMIT, "id": "08-refused", "signal": signal, "dimension": "address"}
    await put(admin, [{**counted, "threshold": most, "decision": "deny"}])
    await neighbours.pool.execute("DELETE FROM fraud_events WHERE signal = $1", signal)
    reported = refused(signal, most)
    reports(monkeypatch, *reported[1:])
    for _ in range(2):
        checkout_id = await begin(shop)
        allowed = await neighbours.serve(shop, checkout_id, ENDS)
        assert allowed["status"] == "completed"
        (lock_step,) = (it for it in allowed["steps"] if it["name"] == "lock_cart")
        assert "refused_requests" not in lock_step["data"]

    reports(monkeypatch, *reported)
    denied = await neighbours.serve(shop, await begin(shop), ENDS)

    assert denied["failure"]["code"] == "PAYMENT_DECLINED"
    (lock,) = await locks_of(neighbours, checkout_id)
    assert lock["address"] == str(address_pseudonym(DEVELOPMENT_KEY, "demo", "127.0.0.1"))
