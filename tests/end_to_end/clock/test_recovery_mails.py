"""An abandoned cart, the mail about it, and the way back by its link, through all services."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import asyncpg
import httpx

from tests.end_to_end.clock.conftest import Clock
from tests.end_to_end.shop_client import Json, Shop
from tests.support.mailboxes import MailServer
from tests.support.stack import RunningStack

LINK = "https://shop.test"
NOTIFICATIONS = """
    SELECT convert_from(body, 'UTF8') AS body, type FROM log
    WHERE type LIKE 'notification.%' AND convert_from(body, 'UTF8')::jsonb->>'kind' = 'cart_recovery'
    ORDER BY position
"""


def test_e54_an_abandoned_cart_is_remembered_by_mail_and_found_again_by_its_link(
    stack: RunningStack, shop: Shop, clock: Clock, mails: MailServer
) -> None:
    address = f"zoe.{uuid4().hex}@mail.example"
    contact = {"email": address, "name": "Zoe", "locale": "pt-BR", "recovery": True}
    answer = shop.call("PUT", "checkout-saga", "/v1/contacts", body=contact)
    product = shop.sold(1990)
    cart = filled(shop, product, answer.json()["customer_id"])

    clock("advance", "31m")
    until_status(shop, cart, "abandoned")
    clock("advance", "61m")
    (mail,) = until_taken(shop, mails, address)

    assert mail["subject"] == "Seu carrinho está esperando por você"
    assert "2 × A thing: US$\u00a039,80" in mail["text"]
    page = next(it for it in mail["text"].split() if it.startswith(LINK)).removeprefix(LINK)
    found = httpx.get(stack.addresses.urls["cart"] + page)
    assert (found.status_code, found.json()["cart_id"]) == (200, cart["cart_id"])
    until_status(shop, cart, "active")
    rows = asyncio.run(notifications(stack))
    assert [it["type"].partition(".")[2] for it in rows] == ["requested", "sending", "sent"]
    assert not any(address in it["body"] or "Zoe" in it["body"] for it in rows)


def filled(shop: Shop, product: Json, customer_id: str) -> Json:
    new = {"session_id": uuid4().hex, "currency": "USD", "customer_id": customer_id}
    cart = shop.post("cart", "/v1/carts", body=new)
    item = {"product_id": product["product_id"], "quantity": 2}
    return shop.post("cart", f"/v1/carts/{cart['cart_id']}/items", body=item)


def until_status(shop: Shop, cart: Json, status: str) -> None:
    path = f"/v1/carts/{cart['cart_id']}"
    shop.until(lambda: shop.get("cart", path), lambda it: it["status"] == status)


def until_taken(shop: Shop, mails: MailServer, address: str) -> list[Json]:
    found: Json = shop.until(lambda: {"mails": mails.taken_for(address)}, lambda it: bool(it["mails"]))
    return list(found["mails"])


async def notifications(stack: RunningStack) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(stack.addresses.databases["checkout-saga"])
    try:
        return await connection.fetch(NOTIFICATIONS)
    finally:
        await connection.close()
