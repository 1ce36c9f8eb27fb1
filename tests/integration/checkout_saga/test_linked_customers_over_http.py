"""Guests linked with accounts over HTTP: once each, without the address, and with one list of orders."""

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


@pytest.fixture
async def server(service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    async with caller(service, "demo-service") as client:
        yield client


def an_address() -> str:
    return f"Zoe.{uuid4().hex}@Mail.example"


async def link(server: httpx.AsyncClient, account: str, email: str) -> httpx.Response:
    return await server.post(f"/v1/customers/{account}/link", json={"guest_email": email})


async def buy(shop: httpx.AsyncClient, neighbours: Neighbours, **customer: str) -> tuple[str, str]:
    """The customer's id and the order's."""
    checkout_id = await begin(shop, customer={"name": "Zoe", **customer})
    ended = await neighbours.serve(shop, checkout_id, {"completed"})
    return ended["customer_id"], ended["order_id"]


async def orders_of(server: httpx.AsyncClient, customer_id: str, **query: Any) -> list[str]:
    found: list[str] = []
    params = {"customer_id": customer_id, **query}
    while True:
        page = (await server.get("/v1/orders", params=params)).json()
        found += (it["order_id"] for it in page["items"])
        if not page.get("next_cursor"):
            return found
        params["cursor"] = page["next_cursor"]


async def test_a_link_names_the_guest_and_no_answer_fact_or_log_shows_the_address(
    server: httpx.AsyncClient, neighbours: Neighbours, logged: Callable[[], str]
) -> None:
    account, email = f"customer-{uuid4().hex}", an_address()
    answer = await link(server, account, email)
    assert answer.status_code == 200, answer.text
    guest_id = answer.json()["guest_id"]
    assert answer.json() == {"customer_id": account, "guest_id": guest_id, "version": 1}
    streams = [customer_stream_id("demo", it) for it in (account, guest_id)]
    assert sorted(await neighbours.types(*streams)) == ["customer.joined", "customer.linked"]
    bodies = await neighbours.pool.fetchval(
        "SELECT string_agg(convert_from(body, 'UTF8'), ' ') FROM log WHERE stream_id = ANY($1)", streams
    )
    for place in (answer.text, bodies, logged()):
        assert email.lower() not in place.lower()

    again = await link(server, account, f" {email.lower()}")
    assert (again.status_code, again.json()) == (200, answer.json())
    assert len(await neighbours.types(*streams)) == 2


async def test_orders_before_and_after_the_link_are_listed_together_by_each_id(
    server: httpx.AsyncClient, shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    account, email = f"customer-{uuid4().hex}", an_address()
    guest_id, first = await buy(shop, neighbours, email=email)
    _, second = await buy(shop, neighbours, email=email, id=account)
    assert (await link(server, account, email)).json()["guest_id"] == guest_id
    guest_again, third = await buy(shop, neighbours, email=email)
    assert guest_again == guest_id
    for customer_id in (account, guest_id):
        assert await orders_of(server, customer_id) == [first, second, third]
        assert await orders_of(server, customer_id, limit=1) == [first, second, third]
    assert await orders_of(server, f"customer-{uuid4().hex}") == []


async def test_a_guest_of_another_account_and_a_guest_in_the_path_are_refused(
    server: httpx.AsyncClient, shop: httpx.AsyncClient
) -> None:
    account, email, other = f"customer-{uuid4().hex}", an_address(), an_address()
    guest_id = (await link(server, account, email)).json()["guest_id"]
    refused = await link(server, f"customer-{uuid4().hex}", email)
    assert (refused.status_code, refused.json()["code"]) == (409, "CUSTOMER_EXISTS")
    refused = await link(server, guest_id, other)
    assert (refused.status_code, refused.json()["code"]) == (409, "CUSTOMER_IS_GUEST")
    checkout_id = await begin(shop, customer={"email": other})
    buyer = (await shop.get(f"/v1/checkouts/{checkout_id}")).json()["customer_id"]
    for path in (buyer, guest_id):
        refused = await link(server, path, other)
        assert (refused.status_code, refused.json()["code"]) == (409, "CUSTOMER_IS_GUEST")


async def test_of_8_accounts_that_link_a_guest_at_once_one_has_it(server: httpx.AsyncClient) -> None:
    email = an_address()
    accounts = [f"customer-{uuid4().hex}" for _ in range(8)]
    answers = await asyncio.gather(*(link(server, it, email) for it in accounts))
    assert Counter(it.status_code for it in answers) == {200: 1, 409: 7}


async def test_a_guest_is_not_given_an_account_and_guests_of_its_own_at_once(
    server: httpx.AsyncClient,
) -> None:
    """Whichever of the two links comes first, the other is refused."""
    for _ in range(4):
        account, email, other = f"customer-{uuid4().hex}", an_address(), an_address()
        contact = await server.put("/v1/contacts", json={"email": email, "recovery": False})
        guest_id = contact.json()["customer_id"]
        answers = await asyncio.gather(link(server, account, email), link(server, guest_id, other))
        assert sorted(it.status_code for it in answers) == [200, 409]


async def test_a_link_needs_an_address_and_the_shops_own_server(
    server: httpx.AsyncClient, shop: httpx.AsyncClient
) -> None:
    refused = await link(server, "customer-1", "nowhere")
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_EMAIL")
    assert refused.json()["errors"][0]["pointer"] == "#/guest_email"
    assert (await link(server, "ana@mail.example", an_address())).status_code == 422
    assert (await link(shop, "customer-1", an_address())).status_code == 403
