"""Offers over HTTP: refusals that are recorded, and many requests for one thing at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from devstack.databases import Database
from tests.integration.offer.conftest import caller
from tests.integration.offer.products import on_sale
from tests.support.single_service import RunningService
from tests.support.waiting import until

AT_ONCE = 64
FAILURES = """
    SELECT stream_id, version, correlation_id, body FROM log
    WHERE type = 'offer.creation_failed' AND convert_from(body, 'UTF8')::jsonb ->> 'slug' = $1
"""
STREAM = "SELECT type, version FROM log WHERE stream_id = $1 ORDER BY version"


def offer_body(product_id: UUID | str, slug: str | None = None, **other: Any) -> dict[str, Any]:
    return {
        "slug": slug or f"kit-{uuid4()}",
        "name": "Kit",
        "type": "physical_product",
        "products": [{"product_id": str(product_id)}],
        "price": {"base": {"amount": 9900, "currency": "USD"}},
        **other,
    }


async def created_offer(admin: httpx.AsyncClient, **other: Any) -> dict[str, Any]:
    body = offer_body(await on_sale(admin), **other)
    answer = await admin.post("/v1/offers", json=body)
    assert answer.status_code == 201, answer.text
    offer: dict[str, Any] = answer.json()
    return offer


@pytest.fixture
async def log(database: Database) -> Any:
    connection = await asyncpg.connect(database.owner_url)
    yield connection
    await connection.close()


async def test_of_64_offers_with_one_slug_at_once_one_is_created_and_63_failures_are_recorded(
    replicas: list[RunningService], admin: httpx.AsyncClient, log: asyncpg.Connection[asyncpg.Record]
) -> None:
    body = offer_body(await on_sale(admin))
    async with caller(replicas[0], "demo-admin") as one, caller(replicas[1], "demo-admin") as other:
        answers = await asyncio.gather(
            *((one, other)[it % 2].post("/v1/offers", json=body) for it in range(AT_ONCE))
        )
    assert Counter(it.status_code for it in answers) == {201: 1, 409: AT_ONCE - 1}
    assert {it.json()["code"] for it in answers if it.status_code == 409} == {"SLUG_EXISTS"}
    failures = await log.fetch(FAILURES, body["slug"])
    assert len({row["stream_id"] for row in failures}) == len(failures) == AT_ONCE - 1


async def test_s1_a_refused_offer_leaves_its_failure_in_a_stream_of_its_own(
    admin: httpx.AsyncClient, log: asyncpg.Connection[asyncpg.Record]
) -> None:
    """Defect S1: a failure after the creation, in the same stream."""
    offer = await created_offer(admin)
    body = offer_body(offer["products"][0]["product_id"], offer["slug"])
    key = {"Idempotency-Key": str(uuid4())}
    refused = await admin.post("/v1/offers", json=body, headers=key)
    again = await admin.post("/v1/offers", json=body, headers=key)
    assert (refused.status_code, refused.json()["code"]) == (409, "SLUG_EXISTS")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (refused.json(), "true")
    (failure,) = await log.fetch(FAILURES, offer["slug"])
    assert failure["correlation_id"] == refused.json()["correlation_id"]
    assert [tuple(it) for it in await log.fetch(STREAM, failure["stream_id"])] == [
        ("offer.creation_failed", 1)
    ]
    assert [tuple(it) for it in await log.fetch(STREAM, offer["offer_id"])] == [("offer.created", 1)]


async def test_a_malformed_offer_is_no_command_and_leaves_nothing(
    admin: httpx.AsyncClient, log: asyncpg.Connection[asyncpg.Record]
) -> None:
    slug = f"kit-{uuid4()}"
    body = offer_body(str(uuid4()), slug, price={"base": {"amount": -1, "currency": "USD"}})
    refused = await admin.post("/v1/offers", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_REQUEST")
    assert not await log.fetch(FAILURES, slug)


async def test_64_prices_at_once_are_64_versions_and_with_one_version_named_one_is_stored(
    replicas: list[RunningService], admin: httpx.AsyncClient
) -> None:
    offer = await created_offer(admin)
    path = f"/v1/offers/{offer['offer_id']}/price"

    async def put(client: httpx.AsyncClient, amount: int, headers: dict[str, str]) -> httpx.Response:
        price = {"base": {"amount": amount, "currency": "USD"}}
        return await client.put(path, json=price, headers=headers)

    async def put_64(first: int, headers: dict[str, str]) -> list[httpx.Response]:
        async with caller(replicas[0], "demo-admin") as one, caller(replicas[1], "demo-admin") as other:
            return await asyncio.gather(
                *(put((one, other)[it % 2], first + it, headers) for it in range(AT_ONCE))
            )

    answers = await put_64(20_000, {})
    assert sorted(it.json()["version"] for it in answers) == list(range(2, AT_ONCE + 2))
    newest = {"If-Match": (await admin.get(f"/v1/offers/{offer['offer_id']}")).headers["ETag"]}
    answers = await put_64(30_000, newest)
    assert Counter(it.status_code for it in answers) == {200: 1, 412: AT_ONCE - 1}


async def test_an_offer_shows_what_it_is_and_whether_it_can_be_bought(admin: httpx.AsyncClient) -> None:
    offer = await created_offer(
        admin,
        description="All for a balcony",
        configuration={"require_immediate_payment": True},
        shipping={"class": "bulky", "free_shipping_threshold": None},
        media=[{"url": "https://shop.example/kit.jpg"}],
    )
    path = f"/v1/offers/{offer['offer_id']}"
    assert offer["shipping"] == {
        "requires_shipping": True,
        "class": "bulky",
        "free_shipping_threshold": None,
    }
    assert offer["price"]["current"] == {"amount": 9900, "currency": "USD"}
    draft = (await admin.get(f"{path}/availability")).json()
    assert draft == {"available": False, "reason": "OFFER_NOT_PUBLISHED", "backorder": False}
    published = (await admin.post(f"{path}/publish")).json()
    assert (published["status"], published["version"]) == ("published", 2)
    assert (await admin.get(f"{path}/availability?quantity=3")).json()["available"]
    assert (await admin.post(f"{path}/publish")).json()["version"] == 2
    refused = await admin.patch(path, json={"slug": f"kit-{uuid4()}"})
    assert (refused.status_code, refused.json()["code"]) == (409, "OFFER_STATUS_CONFLICT")
    assert refused.json()["offer_status"] == "published"


async def test_upsells_bumps_and_steps_of_an_offer_are_added_shown_and_removed(
    admin: httpx.AsyncClient,
) -> None:
    path = f"/v1/offers/{(await created_offer(admin))['offer_id']}"
    product_id = str(await on_sale(admin))
    body = {"product_id": product_id, "name": "Can", "discount": {"type": "percentage", "value": 12.5}}
    bump = (await admin.post(f"{path}/order-bumps", json={**body, "auto_add": True})).json()
    upsell = (await admin.post(f"{path}/upsells", json={**body, "type": "upsell"})).json()
    assert bump["discount"] == {"type": "percentage", "value": 12.5}
    assert [it["upsell_id"] for it in (await admin.get(f"{path}/order-bumps")).json()["items"]] == [
        bump["upsell_id"]
    ]
    changed = await admin.patch(f"{path}/upsells/{upsell['upsell_id']}", json={"priority": 3})
    assert (changed.json()["priority"], changed.headers["ETag"]) == (3, '"2"')
    step = {
        "name": "Last",
        "type": "upsell",
        "trigger": "purchase",
        "upsell_id": upsell["upsell_id"],
        "position": 1,
    }
    added = await admin.post(f"{path}/funnel-steps", json=step)
    assert added.status_code == 201, added.text
    assert (await admin.get(f"{path}/funnel-steps")).json()["items"] == [added.json()]
    for gone in (
        f"{path}/funnel-steps/{added.json()['step_id']}",
        f"{path}/order-bumps/{bump['upsell_id']}",
    ):
        assert (await admin.delete(gone)).status_code == 204
        assert (await admin.delete(gone)).status_code == 404


async def test_a_refused_offer_of_a_product_is_recorded_too(
    admin: httpx.AsyncClient, log: asyncpg.Connection[asyncpg.Record]
) -> None:
    product_id, slug = str(await on_sale(admin)), f"kit-{uuid4()}"
    body = {"product_id": product_id, "slug": slug}
    made = await admin.post("/v1/offers/from-product", json=body)
    assert (made.status_code, made.json()["offer"]["slug"]) == (201, slug)
    refused = await admin.post("/v1/offers/from-product", json={**body, "campaign_id": str(uuid4())})
    assert (refused.status_code, refused.json()["code"]) == (409, "SLUG_EXISTS")
    assert len(await log.fetch(FAILURES, slug)) == 1


async def test_offers_are_searched_by_words_status_type_product_and_slug(admin: httpx.AsyncClient) -> None:
    word = f"x{uuid4().hex}"
    first = await created_offer(admin, name=f"Café {word}")
    second = await created_offer(admin, name=word, type="course")
    await admin.post(f"/v1/offers/{second['offer_id']}/publish")
    product_id = first["products"][0]["product_id"]

    async def found(query: str) -> list[str]:
        answer = await admin.get(f"/v1/offers?{query}")
        assert answer.status_code == 200, answer.text
        return [it["offer_id"] for it in answer.json()["items"]]

    one, two = first["offer_id"], second["offer_id"]
    expected = {
        f"q=cafe%20{word[:9]}": [one],
        f"q={word}": [one, two],
        f"q={word}&status=published": [two],
        f"q={word}&type=course&type=funnel": [two],
        f"q={word}&type=funnel": [],
        f"product_id={product_id}": [one],
        f"slug={first['slug']}&slug={second['slug']}": [one, two],
        f"campaign_id={uuid4()}": [],
    }

    async def all_are_found() -> bool:
        return {query: await found(query) for query in expected} == expected

    await until(all_are_found)
