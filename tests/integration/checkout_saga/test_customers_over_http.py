"""Profiles and contacts over HTTP: kept encrypted, shown without an address, recorded once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from checkout_saga.customers.domain.customer import customer_stream_id
from tests.integration.checkout_saga.conftest import caller
from tests.integration.checkout_saga.neighbours import Neighbours, begin
from tests.support.single_service import RunningService

PROFILE = {"segments": ["vip", "press"], "qualifications": ["welding-1"], "email_verified": True}


@pytest.fixture
async def shops_server(service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    async with caller(service, "demo-service") as client:
        yield client


def contact(**other: Any) -> dict[str, Any]:
    return {"email": f"Zoe.{uuid4().hex}@Mail.example", "name": "Zoë", "recovery": True, **other}


async def test_a_contact_is_kept_and_no_answer_fact_or_log_shows_the_address(
    shop: httpx.AsyncClient, neighbours: Neighbours, logged: Callable[[], str]
) -> None:
    body = contact(locale="pt-BR")
    answer = await shop.put("/v1/contacts", json=body)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["recovery"], shown["locale"], shown["version"]) == (True, "pt-BR", 1)
    assert answer.headers["ETag"] == '"1"'
    stream = customer_stream_id("demo", shown["customer_id"])
    (stored,) = await neighbours.pool.fetch(
        "SELECT convert_from(body, 'UTF8') AS body FROM log WHERE stream_id = $1", stream
    )
    for place in (answer.text, stored["body"], logged()):
        assert body["email"].lower() not in place.lower()
        assert "Zoë" not in place


async def test_a_contact_that_is_set_again_leaves_no_fact(
    shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    body = contact()
    first = (await shop.put("/v1/contacts", json=body)).json()
    assert (await shop.put("/v1/contacts", json=body)).json() == first
    withdrawn = (await shop.put("/v1/contacts", json={**body, "recovery": False})).json()
    assert (withdrawn["customer_id"], withdrawn["recovery"], withdrawn["version"]) == (
        first["customer_id"],
        False,
        2,
    )
    stream = customer_stream_id("demo", first["customer_id"])
    assert await neighbours.types(stream) == ["customer.contact_set"] * 2


async def test_a_guests_contact_and_checkout_are_of_one_customer(shop: httpx.AsyncClient) -> None:
    body = contact()
    customer_id = (await shop.put("/v1/contacts", json=body)).json()["customer_id"]
    checkout_id = await begin(shop, customer={"email": body["email"]})
    assert (await shop.get(f"/v1/checkouts/{checkout_id}")).json()["customer_id"] == customer_id


async def test_a_contact_needs_an_address(shop: httpx.AsyncClient) -> None:
    refused = await shop.put("/v1/contacts", json=contact(email="nowhere"))
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_EMAIL")
    assert refused.json()["errors"][0]["pointer"] == "#/email"


async def test_a_profile_is_replaced_as_a_whole_and_recorded_once(
    shops_server: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    path, customer_id = "/v1/customers/", f"customer-{uuid4().hex}"
    first = await shops_server.put(path + customer_id, json=PROFILE)
    assert first.json() == {
        "customer_id": customer_id,
        "segments": ["press", "vip"],
        "automatic_segments": [],
        "qualifications": ["welding-1"],
        "email_verified": True,
        "version": 1,
    }
    again = await shops_server.put(path + customer_id, json={**PROFILE, "segments": ["press", "vip", "vip"]})
    assert again.json() == first.json()
    emptied = await shops_server.put(path + customer_id, json={"segments": ["vip"]})
    assert (emptied.json()["qualifications"], emptied.json()["email_verified"]) == ([], False)
    stream = customer_stream_id("demo", customer_id)
    assert await neighbours.types(stream) == ["customer.profile_changed"] * 2


async def test_a_profile_that_another_call_has_changed_is_not_replaced(
    shops_server: httpx.AsyncClient,
) -> None:
    path = f"/v1/customers/customer-{uuid4().hex}"
    await shops_server.put(path, json=PROFILE)
    refused = await shops_server.put(path, json={}, headers={"If-Match": '"7"'})
    assert refused.status_code == 412


@pytest.mark.parametrize(
    ("customer_id", "body"),
    [
        ("ana@mail.example", {}),
        ("customer-1", {"segments": ["VIP"]}),
        ("customer-1", {"segments": [f"s{it}" for it in range(21)]}),
        ("customer-1", {"qualifications": ["ana@mail.example"]}),
    ],
)
async def test_a_profile_holds_no_address_and_few_segments(
    shops_server: httpx.AsyncClient, customer_id: str, body: dict[str, Any]
) -> None:
    refused = await shops_server.put(f"/v1/customers/{customer_id}", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_REQUEST")


async def test_the_storefront_may_not_change_profiles(shop: httpx.AsyncClient) -> None:
    assert (await shop.put("/v1/customers/customer-1", json=PROFILE)).status_code == 403


async def test_gifts_are_kept_encrypted_and_counted(shop: httpx.AsyncClient, neighbours: Neighbours) -> None:
    line_id, email = str(uuid4()), f"bo.{uuid4().hex}@mail.example"
    gifts = [{"line_id": line_id, "recipients": [{"email": email, "name": "Bo"}]}]
    checkout_id = await begin(shop, gifts=gifts)
    body = await neighbours.pool.fetchval(
        "SELECT convert_from(body, 'UTF8') FROM log WHERE stream_id = $1 AND version = 1", checkout_id
    )
    assert f'"recipients":{{"{line_id}":1}}' in body
    assert email not in body
