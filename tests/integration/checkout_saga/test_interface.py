"""Checkouts over HTTP: started once per key, watched until they end, without plain personal data."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts import cart
from kernel.security.card_numbers import holds_card_number
from tests.integration.checkout_saga.neighbours import CONTEXT, ENDS, Neighbours, begin, order_for
from tests.support.scenario import stamp
from tests.support.waiting import until
from tests.unit.checkout_saga.examples import CART, CHECKOUT, cart_locked, of_step

CARD = "4242 4242 4242 4242"
TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"


async def post(shop: httpx.AsyncClient, body: dict[str, Any], key: str | None = None) -> httpx.Response:
    headers = {"Idempotency-Key": key or uuid4().hex}
    return await shop.post("/v1/checkouts", json=body, headers=headers)


async def holding(neighbours: Neighbours, secret: str) -> list[str]:
    """The tables in which the words stand, as text or as bytes."""
    found = []
    for (table,) in await neighbours.pool.fetch(TABLES):
        hit = f"SELECT 1 FROM {table} AS t WHERE position($1 IN t::text) + position($2 IN t::text) > 0"  # noqa: S608
        if await neighbours.pool.fetchval(hit, secret, secret.encode().hex()):
            found.append(table)
    return found


async def test_a_checkout_needs_an_idempotency_key(shop: httpx.AsyncClient) -> None:
    refused = await shop.post("/v1/checkouts", json=order_for())
    assert (refused.status_code, refused.json()["code"]) == (400, "IDEMPOTENCY_KEY_REQUIRED")


async def test_an_unknown_provider_is_refused(shop: httpx.AsyncClient) -> None:
    payment = {"gateway": "elsewhere", "method": "card", "token": "tok_ok"}
    refused = await post(shop, order_for(payment=payment))
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_REQUEST")
    (error,) = refused.json()["errors"]
    assert error["pointer"] == "#/payment/gateway"
    assert "simulated" in error["detail"]


async def test_a_card_number_is_refused_and_reaches_neither_database_nor_log(
    shop: httpx.AsyncClient, neighbours: Neighbours, logged: Callable[[], str]
) -> None:
    for number in (CARD, CARD.replace(" ", "-"), CARD.replace(" ", "")):
        refused = await post(shop, order_for(number))
        assert (refused.status_code, refused.json()["code"]) == (422, "CARD_NUMBER_NOT_ALLOWED")
        assert number not in refused.text
        assert await holding(neighbours, number) == []
        assert number not in logged()


AMERICAN = {"line1": "1 Main Street", "city": "Mountain View", "region": "CA", "country": "US"}
BRAZILIAN = {"line1": "Rua 1", "city": "São Paulo", "postal_code": "01310-100", "country": "BR"}


def of_person(**customer: Any) -> dict[str, Any]:
    return {"customer": {"email": "ana@example.com", **customer}}


@pytest.mark.parametrize(
    ("given", "code", "pointer"),
    [
        (of_person(email="ana@localhost"), "INVALID_EMAIL", "#/customer/email"),
        (of_person(email="a b@c.com"), "INVALID_EMAIL", "#/customer/email"),
        (
            {"shipping_address": {**AMERICAN, "postal_code": "74043"}},
            "INVALID_ADDRESS",
            "#/shipping_address/postal_code",
        ),
        (
            {"billing_address": {**BRAZILIAN, "region": "XX"}},
            "INVALID_ADDRESS",
            "#/billing_address/region",
        ),
        (
            of_person(tax_id={"type": "br_cpf", "value": "11111111111"}),
            "INVALID_TAX_ID",
            "#/customer/tax_id/value",
        ),
        (
            {"billing_address": {**AMERICAN, "postal_code": "94043", "line2": "4111 1111 1111 1111"}},
            "CARD_NUMBER_NOT_ALLOWED",
            "#/billing_address/line2",
        ),
    ],
)
async def test_x45_invalid_details_of_a_person_are_refused_with_their_own_code_and_pointer(
    given: dict[str, Any], code: str, pointer: str, shop: httpx.AsyncClient, logged: Callable[[], str]
) -> None:
    refused = await post(shop, order_for(**given))
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert [it["pointer"] for it in refused.json()["errors"]] == [pointer]
    for secret in ("11111111111", "4111 1111 1111 1111", "ana@localhost", "a b@c.com"):
        assert secret not in refused.text
        assert secret not in logged()


async def test_all_fields_of_an_address_that_are_at_fault_are_named(shop: httpx.AsyncClient) -> None:
    refused = await post(shop, order_for(shipping_address={"line1": "1 Main Street", "country": "US"}))
    assert refused.json()["errors"] == [
        {"pointer": f"#/shipping_address/{field}", "detail": "required"}
        for field in ("city", "postal_code", "region")
    ]


async def test_a_telephone_and_a_tax_number_are_no_card_numbers_although_their_digits_fit(
    shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    phone, cnpj = "+378282246310005", "40.349.931/0001-14"
    assert holds_card_number(phone)
    assert holds_card_number(cnpj)
    person = of_person(phone=phone, locale="pt-BR", tax_id={"type": "br_cnpj", "value": cnpj})
    started = await post(shop, order_for(**person))
    assert started.status_code == 202, started.text
    for secret in (phone, cnpj, "40349931000114"):
        assert await holding(neighbours, secret) == []
    elsewhere = await post(shop, order_for(**of_person(name=phone)))
    assert elsewhere.json()["code"] == "CARD_NUMBER_NOT_ALLOWED"


async def test_the_destination_has_the_key_of_the_region_that_was_named(
    shop: httpx.AsyncClient,
) -> None:
    address = {**AMERICAN, "region": "california", "postal_code": "94043"}
    started = await post(shop, order_for(shipping_address=address))
    assert started.json()["destination"] == {"country": "US", "region": "CA"}


async def test_nothing_of_a_person_stands_in_clear_anywhere(
    shop: httpx.AsyncClient, neighbours: Neighbours, logged: Callable[[], str]
) -> None:
    mark = uuid4().hex
    secrets = [f"mail{mark}@example.com", f"Ada{mark}", f"Street{mark}", f"token{mark}"]
    mail, name, street, token = secrets
    address = {
        "name": name,
        "line1": street,
        "city": f"City{mark}",
        "postal_code": "1100-053",
        "country": "PT",
    }
    body = order_for(token, customer={"email": mail, "name": name}, shipping_address=address)
    checkout_id = (await post(shop, body)).json()["checkout_id"]
    await neighbours.serve(shop, checkout_id, ENDS)
    assert await holding(neighbours, checkout_id) != []
    for secret in [*secrets, f"City{mark}"]:
        assert await holding(neighbours, secret) == []
        assert secret not in logged()


async def test_many_requests_at_once_with_one_key_begin_one_checkout(
    shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    body, key = order_for(), uuid4().hex
    answers = await asyncio.gather(*(post(shop, body, key) for _ in range(64)))
    statuses = {it.status_code for it in answers}
    assert statuses <= {202, 409}
    assert {it.json()["code"] for it in answers if it.status_code == 409} <= {"REQUEST_IN_PROGRESS"}
    begun = {it.json()["checkout_id"] for it in answers if it.status_code == 202}
    assert len(begun) == 1
    again = await post(shop, body, key)
    assert (again.json()["checkout_id"], again.headers["Idempotent-Replayed"]) == (begun.pop(), "true")
    assert len(await holding_cart(neighbours, body["cart_id"])) == 1


async def holding_cart(neighbours: Neighbours, cart_id: str) -> list[Any]:
    started = (
        "SELECT 1 FROM log WHERE type = 'checkout.started' AND position($1 IN convert_from(body, 'UTF8')) > 0"
    )
    return list(await neighbours.pool.fetch(started, cart_id))


async def test_a_repetition_after_a_crash_between_facts_and_answer_is_answered_for_the_same_checkout(
    shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    body, key = order_for(), uuid4().hex
    first = await post(shop, body, key)
    forget = "UPDATE idempotency SET status = NULL, body = NULL, etag = NULL WHERE key = $1"
    await neighbours.pool.execute(forget, key)
    again = await post(shop, body, key)
    assert (again.status_code, again.json()["checkout_id"]) == (202, first.json()["checkout_id"])
    assert again.headers["Idempotent-Replayed"] == "true"


async def test_without_its_body_the_response_of_a_checkout_is_repeated_with_its_present_state(
    shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    body, key = order_for(), uuid4().hex
    started = await post(shop, body, key)
    path = f"/v1/checkouts/{started.json()['checkout_id']}/cancel"
    cancelled = await shop.post(path, headers={"Idempotency-Key": f"end {key}"})
    await neighbours.serve(shop, started.json()["checkout_id"], ENDS)
    bodiless = "UPDATE idempotency SET body = NULL, etag = NULL WHERE key = ANY($1)"
    await neighbours.pool.execute(bodiless, [key, f"end {key}"])
    again = await post(shop, body, key)
    assert (again.status_code, again.json()["checkout_id"]) == (202, started.json()["checkout_id"])
    assert (again.json()["status"], again.json()["failure"]["code"]) == ("failed", "CHECKOUT_CANCELLED")
    assert again.headers["Idempotent-Replayed"] == "true"
    again = await shop.post(path, headers={"Idempotency-Key": f"end {key}"})
    assert (again.status_code, again.json()["status"]) == (cancelled.status_code, "failed")
    assert again.headers["Idempotent-Replayed"] == "true"


async def test_a_prompt_refusal_of_the_cart_is_the_response(
    shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    body, key = order_for(), uuid4().hex
    checkout_id = (await post(shop, body, key)).json()["checkout_id"]
    forget = "UPDATE idempotency SET status = NULL, body = NULL, etag = NULL WHERE key = $1"
    await neighbours.pool.execute(forget, key)
    no = cart.LockRefused(
        **stamp(CART), **of_step("lock_cart"), code="CHECKOUT_IN_PROGRESS", detail="no", held_by=CHECKOUT
    )
    await neighbours.answer(checkout_id, no)
    refused = await post(shop, body, key)
    assert refused.status_code == 409
    assert (refused.json()["code"], refused.json()["checkout_id"]) == ("CHECKOUT_IN_PROGRESS", str(CHECKOUT))


async def test_waiting_for_a_checkout_ends_when_it_does(
    shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    checkout_id = await begin(shop)

    async def wait() -> str:
        async with asyncio.timeout(60):
            while True:  # on a slow machine a purchase may take longer than the maximum of wait_ms
                found = await shop.get(f"/v1/checkouts/{checkout_id}", params={"wait_ms": 10_000})
                if (status := found.json()["status"]) != "processing":
                    return str(status)

    waiting = asyncio.create_task(wait())
    await neighbours.serve(shop, checkout_id, {"completed"})
    assert await waiting == "completed"
    short = await shop.get(f"/v1/checkouts/{await begin(shop)}", params={"wait_ms": 100})
    assert short.json()["status"] == "processing"


async def test_the_stream_of_a_checkouts_events_ends_with_it(
    shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    checkout_id = await begin(shop)

    async def watch() -> list[str]:
        async with shop.stream("GET", f"/v1/checkouts/{checkout_id}/events") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            return [line async for line in stream.aiter_lines() if line.startswith("data:")]

    watching = asyncio.create_task(watch())
    await neighbours.serve(shop, checkout_id, {"completed"})
    states = await asyncio.wait_for(watching, 20)
    assert '"status":"completed"' in states[-1]
    assert len(states) == len(set(states))


async def events(shop: httpx.AsyncClient, checkout_id: str, seen: int | None = None) -> list[str]:
    """The lines of the whole stream, as a caller gets them who has seen this version last."""
    headers = {} if seen is None else {"Last-Event-ID": str(seen)}
    async with shop.stream("GET", f"/v1/checkouts/{checkout_id}/events", headers=headers) as stream:
        return [str(stream.status_code)] + [line async for line in stream.aiter_lines() if line]


async def test_a_stream_goes_on_behind_the_last_event_that_was_seen(
    shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    checkout_id = await begin(shop)
    await neighbours.serve(shop, checkout_id, {"completed"})
    version = (await shop.get(f"/v1/checkouts/{checkout_id}")).headers["ETag"].strip('"')
    status, retry, number, *_ = await events(shop, checkout_id)
    assert (status, retry, number) == ("200", "retry: 2000", f"id: {version}")
    assert (await events(shop, checkout_id, int(version) - 1))[2] == f"id: {version}"
    assert await events(shop, checkout_id, int(version)) == ["204"]
    odd = await shop.get(f"/v1/checkouts/{checkout_id}/events", headers={"Last-Event-ID": "odd"})
    assert (odd.status_code, odd.json()["code"]) == (422, "INVALID_REQUEST")


async def test_a_fourth_stream_of_a_checkout_is_refused_until_one_ends(shop: httpx.AsyncClient) -> None:
    path = f"/v1/checkouts/{await begin(shop)}"
    async with AsyncExitStack() as watching:
        for _ in range(3):
            stream = await watching.enter_async_context(shop.stream("GET", f"{path}/events"))
            assert stream.status_code == 200
        refused = await shop.get(f"{path}/events")
        assert (refused.status_code, refused.json()["code"]) == (503, "UNAVAILABLE")
        assert refused.headers["Retry-After"]
        assert (await shop.get(path)).status_code == 200

    async def free_again() -> bool:
        async with shop.stream("GET", f"{path}/events") as stream:
            return stream.status_code == 200

    await until(free_again)


async def test_the_id_of_another_aggregate_is_not_found(
    shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    checkout_id = await begin(shop)
    await neighbours.serve(shop, checkout_id, {"completed"})
    order_id = (await shop.get(f"/v1/checkouts/{checkout_id}")).json()["order_id"]
    for path in (f"/v1/orders/{checkout_id}", f"/v1/checkouts/{order_id}"):
        assert (await shop.get(path)).status_code == 404, path
    assert (await shop.post(f"/v1/checkouts/{order_id}/cancel")).status_code == 404


async def test_an_unknown_checkout_is_not_found_and_streams_nothing(shop: httpx.AsyncClient) -> None:
    for path in ("", "/events"):
        missing = await asyncio.wait_for(shop.get(f"/v1/checkouts/{uuid4()}{path}"), 10)
        assert (missing.status_code, missing.json()["code"]) == (404, "CHECKOUT_SESSION_NOT_FOUND")


async def test_another_tenant_neither_sees_nor_moves_a_checkout(
    shop: httpx.AsyncClient, rival: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    checkout_id = await begin(shop)
    assert (await rival.get(f"/v1/checkouts/{checkout_id}")).status_code == 404
    assert (await rival.post(f"/v1/checkouts/{checkout_id}/cancel")).status_code == 404
    await neighbours.answer(checkout_id, cart_locked(), replace(CONTEXT, tenant="rival"))
    assert (await shop.get(f"/v1/checkouts/{checkout_id}")).json()["phase"] == "lock_cart"


async def test_a_checkout_can_be_cancelled_once(shop: httpx.AsyncClient, neighbours: Neighbours) -> None:
    checkout_id = await begin(shop)
    assert (await shop.post(f"/v1/checkouts/{checkout_id}/cancel")).json()["status"] == "compensating"
    assert (await shop.post(f"/v1/checkouts/{checkout_id}/cancel")).status_code == 409
    ended = await neighbours.serve(shop, checkout_id, ENDS)
    assert (ended["status"], ended["failure"]["code"]) == ("failed", "CHECKOUT_CANCELLED")


async def test_the_health_of_checkouts_is_open_to_everybody(shop: httpx.AsyncClient) -> None:
    health = await shop.get("/health/checkout", headers={"Authorization": ""})
    assert health.status_code == 200
    assert health.json()["status"] in {"healthy", "degraded"}, "other tests leave checkouts without an answer"
    checks = {"expired_locks", "stuck_checkouts", "stuck_refunds", "blocked_checkouts", "database", "loops"}
    assert set(health.json()["checks"]) == checks
