"""Persons over HTTP: entered once for each address, shown by GET alone, and nowhere else in the clear."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from checkout_saga.customers.domain.customer import customer_stream_id
from tests.integration.checkout_saga.conftest import caller
from tests.integration.checkout_saga.neighbours import Neighbours, begin
from tests.support.single_service import RunningService

ALL = "/v1/customers"


@pytest.fixture
async def server(service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    async with caller(service, "demo-service") as client:
        yield client


TAX_ID = "52998224725"
"""As it is stored: without separators."""


def person(**other: Any) -> dict[str, Any]:
    return {
        "email": f"Zoe.{uuid4().hex}@Mail.example",
        "name": "Zoë Quux",
        "phone": "+351912345678",
        "locale": "pt-BR",
        "tax_id": {"type": "br_cpf", "value": "529.982.247-25"},
        **other,
    }


async def enter(server: httpx.AsyncClient, body: dict[str, Any], key: str | None = None) -> httpx.Response:
    return await server.post(ALL, json=body, headers={"Idempotency-Key": key or uuid4().hex})


async def test_a_person_is_shown_by_get_and_stands_nowhere_else_in_the_clear(
    server: httpx.AsyncClient, neighbours: Neighbours, logged: Callable[[], str]
) -> None:
    body, key = person(id=f"customer-{uuid4().hex}"), uuid4().hex
    answer = await enter(server, body, key)
    assert answer.status_code == 201, answer.text
    assert (await enter(server, body, key)).headers["Idempotent-Replayed"] == "true"
    path = f"{ALL}/{body['id']}"
    shown = (await server.get(path)).json()
    stored_as = {
        "email": body["email"].replace("Mail", "mail"),
        "tax_id": {**body["tax_id"], "value": TAX_ID},
    }
    expected = {**body, **stored_as, "guest": False, "version": 1}
    assert {name: shown[name] for name in expected if name != "id"} == {
        name: it for name, it in expected.items() if name != "id"
    }
    changed = await server.patch(path, json={"phone": None, "name": "Zoë Corge"})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    shown = (await server.get(path)).json()
    assert (shown["phone"], shown["name"], shown["locale"]) == (None, "Zoë Corge", "pt-BR")

    stored = await neighbours.pool.fetchval(
        "SELECT string_agg(convert_from(body, 'UTF8'), ' ') FROM log WHERE stream_id = $1",
        customer_stream_id("demo", body["id"]),
    )
    answers = await neighbours.pool.fetchval(
        "SELECT string_agg(convert_from(body, 'UTF8'), ' ') FROM idempotency WHERE route LIKE '%customers%'"
    )
    names = await neighbours.pool.fetchval("SELECT string_agg(value, ' ') FROM claims")
    for place in (answer.text, changed.text, stored, answers, names, logged()):
        for secret in (body["email"].lower(), "quux", "corge", "912345678", "529.982", TAX_ID):
            assert secret not in place.lower()


async def test_a_known_address_is_that_customers_however_it_is_spelt(server: httpx.AsyncClient) -> None:
    body = person()
    first = await enter(server, body)
    again = await enter(server, {"email": body["email"].upper()})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    refused = await enter(server, {**body, "id": f"customer-{uuid4().hex}"})
    assert (refused.status_code, refused.json()["code"]) == (409, "CUSTOMER_EXISTS")
    assert (await server.get(f"{ALL}/{first.json()['customer_id']}")).json()["name"] == "Zoë Quux"


async def test_of_8_callers_who_enter_one_address_at_once_one_makes_the_customer(
    server: httpx.AsyncClient,
) -> None:
    body = person()
    answers = await asyncio.gather(*(enter(server, body) for _ in range(8)))
    assert Counter(it.status_code for it in answers) == {201: 1, 200: 7}
    assert len({it.json()["customer_id"] for it in answers}) == 1


async def test_an_address_that_was_given_up_is_free_for_another_customer(server: httpx.AsyncClient) -> None:
    one, other = person(), person()
    first = (await enter(server, one)).json()["customer_id"]
    second = (await enter(server, other)).json()["customer_id"]
    refused = await server.patch(f"{ALL}/{second}", json={"email": one["email"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "CUSTOMER_EXISTS")
    moved = await server.patch(f"{ALL}/{first}", json={"email": f"{uuid4().hex}@mail.example"})
    assert moved.status_code == 200
    assert (await server.patch(f"{ALL}/{second}", json={"email": one["email"]})).status_code == 200


async def test_what_is_not_known_or_not_an_address_is_refused(server: httpx.AsyncClient) -> None:
    path = f"{ALL}/customer-{uuid4().hex}"
    for answer in (await server.get(path), await server.patch(path, json={"name": "Zoe"})):
        assert (answer.status_code, answer.json()["code"]) == (404, "CUSTOMER_NOT_FOUND")
    refused = await enter(server, person(email="nowhere"))
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_EMAIL")
    refused = await enter(server, person(tax_id={"type": "br_cpf", "value": "529.982.247-26"}))
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_TAX_ID")
    assert (await enter(server, person(phone="0912 345"))).status_code == 422
    assert (await enter(server, person(email=None))).status_code == 422


async def test_a_version_that_has_passed_is_not_changed(server: httpx.AsyncClient) -> None:
    customer_id = (await enter(server, person())).json()["customer_id"]
    for answer in (
        await server.patch(f"{ALL}/{customer_id}", json={"name": "A"}, headers={"If-Match": '"7"'}),
        await server.post(ALL, json=person(), headers={"If-Match": '"1"'}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (412, "VERSION_CONFLICT")


async def test_the_storefront_may_neither_read_nor_change_persons(
    shop: httpx.AsyncClient, server: httpx.AsyncClient
) -> None:
    path = f"{ALL}/{(await enter(server, person())).json()['customer_id']}"
    assert (await enter(shop, person())).status_code == 403
    assert (await shop.get(path)).status_code == 403
    assert (await shop.patch(path, json={})).status_code == 403
    assert (await shop.put(f"{path}/preferences", json={})).status_code == 403


async def test_preferences_are_shown_complete_and_recorded_once(
    server: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    path = f"{ALL}/customer-{uuid4().hex}"
    chosen = {
        "cart_recovery": False,
        **dict.fromkeys(("order_shipped", "return_approved", "reward_granted"), True),
    }
    for _ in range(2):
        answer = await server.put(f"{path}/preferences", json={"cart_recovery": False})
        assert answer.json()["preferences"] == chosen
    assert (await server.get(path)).json()["preferences"] == chosen
    stream = customer_stream_id("demo", path.removeprefix(f"{ALL}/"))
    assert await neighbours.types(stream) == ["customer.preferences_changed"]


async def test_paid_orders_make_segments_beside_those_of_the_shop(
    server: httpx.AsyncClient, shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    body = person(id=f"customer-{uuid4().hex}")
    await enter(server, body)
    await server.put(f"{ALL}/{body['id']}", json={"segments": ["press"]})
    seen = []
    for _ in range(2):
        checkout_id = await begin(shop, customer={"email": body["email"], "id": body["id"]})
        await neighbours.serve(shop, checkout_id, {"completed"})
        shown = (await server.get(f"{ALL}/{body['id']}")).json()
        seen.append((shown["segments"], shown["automatic_segments"]))
    assert seen == [(["press"], ["new"]), (["press"], ["returning"])]
    stream = customer_stream_id("demo", body["id"])
    assert await neighbours.types(stream) == ["customer.created", *["customer.profile_changed"] * 3]


async def test_orders_of_one_customer_that_are_paid_at_once_are_all_counted(
    server: httpx.AsyncClient, shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    customer_id = f"customer-{uuid4().hex}"

    async def buy() -> None:
        checkout_id = await begin(shop, customer={"email": "zoe@mail.example", "id": customer_id})
        await neighbours.serve(shop, checkout_id, {"completed"})

    await asyncio.gather(*(buy() for _ in range(5)))
    shown = (await server.get(f"{ALL}/{customer_id}")).json()
    assert shown["automatic_segments"] == ["returning", "vip"]
