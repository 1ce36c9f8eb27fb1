"""Files over HTTP: fetched by links without a key, never more often than granted."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import pytest

from contracts.sale import LineFulfillment
from kernel.security.link_tokens import make_link_token
from kernel.service.link_settings import DEVELOPMENT_KEY
from tests.integration.checkout_saga.conftest import caller
from tests.integration.checkout_saga.fulfillment.buying import bought, sold
from tests.integration.checkout_saga.neighbours import Neighbours
from tests.support.scenario import NOW
from tests.support.single_service import RunningService

FILE = "books/python.pdf"


@pytest.fixture
async def book(
    shop: httpx.AsyncClient, neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """An order of a digital product."""
    sale = sold(("digital_product", uuid4()))
    line = sale.lines[0].model_copy(update={"fulfillment": LineFulfillment(asset=FILE)})
    return await bought(sale.model_copy(update={"lines": (line,)}), shop, neighbours, monkeypatch)


def links_of(order: dict[str, Any]) -> str:
    return f"/v1/downloads/{order['lines'][0]['fulfillment']['reference']}/links"


async def test_of_64_gets_at_once_five_lead_to_the_file(
    shop: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    service: RunningService,
    book: dict[str, Any],
) -> None:
    made = await shop.post(links_of(book))
    assert made.status_code == 201, made.text
    token = made.json()["token"]
    async with httpx.AsyncClient(base_url=service.url, timeout=60) as anyone:
        answers = await asyncio.gather(*(anyone.get(f"/v1/downloads/{token}") for _ in range(64)))
    assert sorted(it.status_code for it in answers) == [302] * 5 + [409] * 59
    assert {it.json()["code"] for it in answers if it.status_code == 409} == {"DOWNLOAD_EXPIRED"}
    to = next(it for it in answers if it.status_code == 302)
    address = urlsplit(to.headers["Location"])
    assert (address.netloc, address.path) == ("assets.example", f"/demo/{FILE}")
    assert "X-Amz-Signature=" in address.query and to.headers["Cache-Control"] == "private, no-store"

    again = await shop.post(links_of(book))
    assert (again.status_code, again.json()["code"]) == (409, "DOWNLOAD_EXPIRED")
    listed = await admin.get("/v1/downloads", params={"order_id": book["order_id"]})
    (found,) = listed.json()["items"]
    assert (found["status"], found["used"], found["uses"]) == ("used_up", 5, 5)


async def test_a_link_dies_at_once_when_its_order_is_cancelled(
    shop: httpx.AsyncClient, admin: httpx.AsyncClient, service: RunningService, book: dict[str, Any]
) -> None:
    token = (await shop.post(links_of(book))).json()["token"]
    cancelled = await admin.post(f"/v1/orders/{book['order_id']}/cancel", json={"reason": "changed my mind"})
    assert cancelled.status_code == 200, cancelled.text
    async with httpx.AsyncClient(base_url=service.url, timeout=30) as anyone:
        dead = await anyone.get(f"/v1/downloads/{token}")
    assert (dead.status_code, dead.json()["code"]) == (404, "DOWNLOAD_NOT_FOUND")
    again = await shop.post(links_of(book))
    assert (again.status_code, again.json()["code"]) == (404, "DOWNLOAD_NOT_FOUND")


async def test_a_forged_an_old_and_a_foreign_link_are_refused_and_count_no_use(
    shop: httpx.AsyncClient, admin: httpx.AsyncClient, service: RunningService, book: dict[str, Any]
) -> None:
    download = UUID(book["lines"][0]["fulfillment"]["reference"])
    label = b"feira download link\0"
    refused = {
        "forged": (404, (await shop.post(links_of(book))).json()["token"][:-4] + "AAAA"),
        "old": (409, make_link_token(DEVELOPMENT_KEY, "demo", download, 1, NOW, label)),
        "of another kind": (404, make_link_token(DEVELOPMENT_KEY, "demo", download, 1, NOW)),
        "of another tenant": (409, make_link_token(DEVELOPMENT_KEY, "rival", download, 1, NOW, label)),
    }
    async with httpx.AsyncClient(base_url=service.url, timeout=30) as anyone:
        for name, (status, token) in refused.items():
            assert (await anyone.get(f"/v1/downloads/{token}")).status_code == status, name
    listed = await admin.get("/v1/downloads", params={"order_id": book["order_id"]})
    assert [it["used"] for it in listed.json()["items"]] == [0]


async def test_another_tenant_makes_no_link(service: RunningService, book: dict[str, Any]) -> None:
    async with caller(service, "rival-storefront") as rival:
        foreign = await rival.post(links_of(book))
    assert (foreign.status_code, foreign.json()["code"]) == (404, "DOWNLOAD_NOT_FOUND")
