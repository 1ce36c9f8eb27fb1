"""Carts that are abandoned, recovered and merged, over HTTP, also by many callers at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from kernel.security.link_tokens import make_link_token
from kernel.service.link_settings import DEVELOPMENT_KEY
from tests.integration.cart.kafka_client import KafkaClient, Published
from tests.integration.cart.test_carts_over_http import add_item, change_price, new_cart, new_code, on_sale
from tests.support.single_service import RunningService
from tests.support.waiting import until

MANY = 64
HELD = "SELECT 1 FROM cart_holding WHERE cart_id = $1"
Owner: TypeAlias = "asyncpg.Pool[asyncpg.Record]"


@pytest.fixture
async def browser(service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    """Has no key."""
    async with httpx.AsyncClient(base_url=service.url, timeout=20) as client:
        yield client


async def filled(shop: httpx.AsyncClient, product_id: UUID, quantity: int = 1, **fields: Any) -> str:
    cart_id = str((await new_cart(shop, **fields))["cart_id"])
    assert (await add_item(shop, cart_id, product_id, quantity)).status_code == 200
    return cart_id


def about(kind: str, cart_id: str) -> Any:
    def matches(fact: Published) -> bool:
        return fact.type == kind and str(fact.key) == cart_id

    return matches


def link(cart_id: str, tenant: str = "demo", key: bytes = DEVELOPMENT_KEY, minutes: int = 600) -> str:
    expires_at = datetime.now(UTC) + timedelta(minutes=minutes)
    return f"/v1/recover/{make_link_token(key, tenant, UUID(cart_id), 1, expires_at)}"


async def expiry(shop: httpx.AsyncClient, cart_id: str) -> datetime:
    return datetime.fromisoformat((await shop.get(f"/v1/carts/{cart_id}")).json()["expires_at"])


async def has_noticed(shop: httpx.AsyncClient, later: datetime) -> bool:
    """Whether new carts expire after that: a process notices within a second that the clock was moved."""
    return await expiry(shop, str((await new_cart(shop))["cart_id"])) > later


async def test_an_abandoned_cart_is_recovered_once_by_64_clicks_on_its_link(
    shop: httpx.AsyncClient, browser: httpx.AsyncClient, kafka: KafkaClient, owner: Owner
) -> None:
    cart_id = await filled(shop, await on_sale(kafka, 1999), customer_id="ann")
    path = f"/v1/carts/{cart_id}"
    later = await expiry(shop, cart_id) + timedelta(minutes=30)
    await owner.execute("UPDATE clock SET shift = shift + interval '35 minutes'")
    try:
        await until(lambda: has_noticed(shop, later))
        abandoned = await kafka.wait_for(about("cart.abandoned", cart_id))
        assert (abandoned.body["value"], abandoned.body["items"]) == (1999, 1)
        assert (await shop.get(path)).json()["status"] == "abandoned"
        prefetched = await browser.get(link(cart_id), headers={"Sec-Purpose": "prefetch;prerender"})
        assert (prefetched.status_code, prefetched.json()["status"]) == (200, "abandoned")
        scanned = await browser.head(link(cart_id))
        assert (scanned.status_code, scanned.content) == (200, b"")
        assert scanned.headers["Cache-Control"] == "private, no-store"
        assert (await shop.get(path)).json()["status"] == "abandoned"

        answers = await asyncio.gather(*(browser.get(link(cart_id)) for _ in range(MANY)))
        assert Counter(it.status_code for it in answers) == {200: MANY}
        shown = answers[0].json()
        assert shown["status"] == "active"
        assert shown["offers"] == []
        assert {"session_id", "customer_id"}.isdisjoint(shown)
        assert answers[0].headers["Cache-Control"] == "private, no-store"
        recovered = await kafka.wait_for(about("cart.recovered", cart_id))
        assert (recovered.body["by"], recovered.body["attempt"]) == ("link", 1)
        assert (await shop.post(f"{path}/recover")).status_code == 200
        await add_item(shop, cart_id, UUID(shown["items"][0]["product_id"]))
        await kafka.wait_for(about("cart.item_added", cart_id), count=2)
        assert len([it for it in kafka.published if about("cart.recovered", cart_id)(it)]) == 1
    finally:
        await owner.execute("UPDATE clock SET shift = '0'")


async def test_a_link_leads_a_browser_to_the_storefront(
    shop: httpx.AsyncClient, browser: httpx.AsyncClient, rival: httpx.AsyncClient, kafka: KafkaClient
) -> None:
    cart_id = await filled(shop, await on_sale(kafka, 1999))
    html = {"Accept": "text/html,application/xhtml+xml"}
    answer = await browser.get(link(cart_id), headers=html)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"https://shop.example/cart/{cart_id}")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    scanned = await browser.head(link(cart_id), headers=html)
    assert (scanned.status_code, scanned.headers["Location"]) == (303, answer.headers["Location"])
    theirs = str((await new_cart(rival))["cart_id"])
    without_page = await browser.get(link(theirs, "rival"), headers=html)
    assert (without_page.status_code, without_page.json()["cart_id"]) == (200, theirs)


async def test_a_link_that_is_forged_expired_or_another_tenant_s_finds_nothing(
    shop: httpx.AsyncClient, browser: httpx.AsyncClient, kafka: KafkaClient
) -> None:
    cart_id = await filled(shop, await on_sale(kafka, 1999))
    assert (await browser.get(link(cart_id))).status_code == 200
    for path in (
        link(cart_id, key=b"f" * 32),
        link(cart_id, minutes=-1),
        link(cart_id, tenant="rival"),
        f"{link(cart_id)}x",
        "/v1/recover/hello",
    ):
        answer = await browser.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "CART_NOT_FOUND"), path
        assert (await browser.head(path)).status_code == 404, path


async def test_a_merge_that_64_callers_ask_for_has_one_effect(
    shop: httpx.AsyncClient, kafka: KafkaClient
) -> None:
    mug, pen = await on_sale(kafka, 1000), await on_sale(kafka, 300)
    mine = await filled(shop, mug, 6, customer_id="ann")
    session = str(uuid4())
    guest = await filled(shop, mug, 7, session_id=session)
    await add_item(shop, guest, pen, 2)
    body = {"guest_cart_id": guest, "strategy": "merge"}
    answers = await asyncio.gather(*(shop.post(f"/v1/carts/{mine}/merge", json=body) for _ in range(MANY)))
    assert Counter(it.status_code for it in answers) == {200: MANY}
    assert {it.text for it in answers} == {answers[0].text}
    merged = answers[0].json()
    assert [(it["product_id"], it["quantity"], it["reason"]) for it in merged["not_merged"]] == [
        (str(mug), 3, "MAX_ITEM_QUANTITY_EXCEEDED")
    ]
    assert merged["cart"]["totals"]["total"]["amount"] == 10_600
    found = await shop.post("/v1/carts", json={"session_id": session, "currency": "USD"})
    assert (found.status_code, found.json()["cart_id"]) == (200, mine)
    assert (await shop.get(f"/v1/carts/{guest}")).json()["status"] == "merged"
    await kafka.wait_for(about("cart.merged", guest))
    assert len([it for it in kafka.published if about("cart.merged", mine)(it)]) == 1


async def test_64_callers_for_one_session_get_one_cart(shop: httpx.AsyncClient) -> None:
    body = {"session_id": str(uuid4()), "currency": "USD"}
    answers = await asyncio.gather(*(shop.post("/v1/carts", json=body) for _ in range(MANY)))
    assert Counter(it.status_code for it in answers) == {201: 1, 200: MANY - 1}
    assert len({it.json()["cart_id"] for it in answers}) == 1


async def test_64_callers_fill_a_line_up_to_its_limit_and_apply_a_code_once(
    shop: httpx.AsyncClient, kafka: KafkaClient
) -> None:
    product_id, code = await on_sale(kafka, 1000), f"ten-{uuid4().hex[:8]}"
    await new_code(kafka, code)
    cart_id = str((await new_cart(shop))["cart_id"])
    added = await asyncio.gather(*(add_item(shop, cart_id, product_id) for _ in range(MANY)))
    assert Counter(it.status_code for it in added) == {200: 10, 422: MANY - 10}
    path = f"/v1/carts/{cart_id}"
    applied = await asyncio.gather(
        *(shop.post(f"{path}/discounts", json={"code": code}) for _ in range(MANY))
    )
    assert Counter(it.status_code for it in applied) == {200: 1, 409: MANY - 1}
    cart = (await shop.get(path)).json()
    assert (cart["items"][0]["quantity"], cart["totals"]["total"]["amount"]) == (10, 9000)


async def test_a_cart_gets_its_customer_once_and_is_listed_by_status(
    shop: httpx.AsyncClient, admin: httpx.AsyncClient, kafka: KafkaClient
) -> None:
    customer_id = f"customer-{uuid4().hex}"
    cart_id = await filled(shop, await on_sale(kafka, 1000))
    path = f"/v1/carts/{cart_id}/customer"
    assert (await shop.put(path, json={"customer_id": customer_id})).json()["customer_id"] == customer_id
    refused = await shop.put(path, json={"customer_id": "somebody-else"})
    assert (refused.status_code, refused.json()["code"]) == (409, "CART_HAS_CUSTOMER")
    address = await shop.put(path, json={"customer_id": "ann@example.org"})
    assert (address.status_code, address.json()["code"]) == (422, "INVALID_REQUEST")

    async def listed(query: str) -> list[str]:
        page = await admin.get(f"/v1/carts?customer_id={customer_id}&{query}")
        return [it["cart_id"] for it in page.json()["items"]]

    assert await listed("status=active&status=abandoned") == [cart_id]
    assert await listed("status=converted") == []
    assert await listed("currency=USD") == [cart_id]
    assert await listed("currency=EUR") == []


async def test_a_sync_brings_current_prices_into_open_carts(
    shop: httpx.AsyncClient, admin: httpx.AsyncClient, kafka: KafkaClient, owner: Owner
) -> None:
    product_id = await on_sale(kafka, 1000)
    cart_id = await filled(shop, product_id)
    async with asyncio.timeout(20):
        while not await owner.fetchval(HELD, UUID(cart_id)):  # noqa: ASYNC110  # in another process
            await asyncio.sleep(0.05)
    started = await admin.post("/v1/carts/sync", json={})
    assert (started.status_code, started.json()["status"]) == (202, "running")
    path = f"/v1/carts/sync/{started.json()['sync_id']}"
    async with asyncio.timeout(20):
        while (await admin.get(path)).json()["status"] == "running":  # noqa: ASYNC110  # in another process
            await asyncio.sleep(0.05)
    sync = (await admin.get(path)).json()
    assert sync["processed"] >= 1
    assert sync["errors"] == 0
    await change_price(kafka, product_id, 900)
    assert (await shop.post("/v1/carts/sync", json={})).status_code == 403
    assert (await admin.get(f"/v1/carts/sync/{uuid4()}")).json()["code"] == "SYNC_NOT_FOUND"
