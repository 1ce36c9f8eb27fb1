"""A checkout's commands to the cart and the replies, over Kafka."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from contracts import cart as contract
from tests.integration.cart.kafka_client import KafkaClient, Published
from tests.integration.cart.test_carts_over_http import add_item, new_cart, on_sale

STEP = "lock_cart"


async def filled_cart(shop: httpx.AsyncClient, kafka: KafkaClient, quantity: int = 1) -> UUID:
    product_id = await on_sale(kafka, 20_000)
    cart = await new_cart(shop)
    assert (await add_item(shop, cart["cart_id"], product_id, quantity)).status_code == 200
    return UUID(cart["cart_id"])


async def reply(kafka: KafkaClient, kind: str, checkout_id: UUID, count: int = 1) -> Published:
    return await kafka.wait_for(
        lambda it: it.type == kind and it.body.get("checkout_id") == str(checkout_id), count
    )


async def lock(kafka: KafkaClient, cart_id: UUID, checkout_id: UUID, tenant: str = "demo") -> None:
    await kafka.send(contract.Lock(cart_id=cart_id, checkout_id=checkout_id, step=STEP), cart_id, tenant)


async def read_cart(shop: httpx.AsyncClient, cart_id: UUID) -> dict[str, Any]:
    return dict((await shop.get(f"/v1/carts/{cart_id}")).json())


async def test_a_cart_is_locked_and_converted_and_the_session_gets_a_new_one(
    shop: httpx.AsyncClient, kafka: KafkaClient
) -> None:
    cart_id, checkout_id, order_id = await filled_cart(shop, kafka, 2), uuid4(), uuid4()
    await lock(kafka, cart_id, checkout_id)
    locked = await reply(kafka, "cart.locked", checkout_id)
    assert (locked.key, locked.body["step"], locked.tenant) == (cart_id, STEP, "demo")
    assert locked.body["sale"]["totals"]["total"] == 40_000
    cart = await read_cart(shop, cart_id)
    assert (cart["status"], cart["totals"]["total"]["amount"]) == ("locked", 40_000)
    refused = await shop.delete(f"/v1/carts/{cart_id}/items")
    assert (refused.status_code, refused.json()["code"], refused.json()["cart_status"]) == (
        409,
        "CART_NOT_ACTIVE",
        "locked",
    )
    convert = contract.Convert(cart_id=cart_id, checkout_id=checkout_id, step="complete", order_id=order_id)
    await kafka.send(convert, cart_id)
    converted = await reply(kafka, "cart.converted", checkout_id)
    assert converted.body == {"checkout_id": str(checkout_id), "step": "complete", "order_id": str(order_id)}
    assert (await read_cart(shop, cart_id))["status"] == "converted"
    body = {"session_id": cart["session_id"], "currency": "USD"}
    assert (await shop.post("/v1/carts", json=body)).status_code == 201


async def test_a_repeated_lock_is_answered_again_and_another_checkouts_is_refused(
    shop: httpx.AsyncClient, kafka: KafkaClient
) -> None:
    cart_id, checkout_id, other = await filled_cart(shop, kafka), uuid4(), uuid4()
    await lock(kafka, cart_id, checkout_id)
    await lock(kafka, cart_id, checkout_id)
    await lock(kafka, cart_id, other)
    repeated = await reply(kafka, "cart.locked", checkout_id, 2)
    assert repeated.body == (await reply(kafka, "cart.locked", checkout_id)).body
    refused = await reply(kafka, "cart.lock_refused", other)
    assert (refused.body["code"], refused.body["held_by"]) == ("CHECKOUT_IN_PROGRESS", str(checkout_id))
    unlock = contract.Unlock(cart_id=cart_id, checkout_id=checkout_id, step=STEP, reason="payment declined")
    await kafka.send(unlock, cart_id)
    await reply(kafka, "cart.unlocked", checkout_id)
    assert (await read_cart(shop, cart_id))["status"] == "active"


async def test_a_lock_that_arrives_after_its_unlock_is_refused(
    shop: httpx.AsyncClient, kafka: KafkaClient
) -> None:
    cart_id, checkout_id = await filled_cart(shop, kafka), uuid4()
    unlock = contract.Unlock(cart_id=cart_id, checkout_id=checkout_id, step=STEP, reason="cancelled")
    await kafka.send(unlock, cart_id)
    await lock(kafka, cart_id, checkout_id)
    await reply(kafka, "cart.unlocked", checkout_id)
    refused = await reply(kafka, "cart.lock_refused", checkout_id)
    assert refused.body["code"] == "CART_NOT_ACTIVE"
    assert (await read_cart(shop, cart_id))["status"] == "active"


async def test_a_cart_that_cannot_be_locked_is_refused_with_its_code(
    shop: httpx.AsyncClient, kafka: KafkaClient
) -> None:
    empty = UUID((await new_cart(shop))["cart_id"])
    dear = await filled_cart(shop, kafka, 6)
    carts = {"EMPTY_CART": empty, "MAX_ORDER_AMOUNT_EXCEEDED": dear, "CART_NOT_FOUND": uuid4()}
    for code, cart_id in carts.items():
        checkout_id = uuid4()
        await lock(kafka, cart_id, checkout_id)
        assert (await reply(kafka, "cart.lock_refused", checkout_id)).body["code"] == code
    checkout_id = uuid4()
    await lock(kafka, await filled_cart(shop, kafka), checkout_id, tenant="rival")
    assert (await reply(kafka, "cart.lock_refused", checkout_id)).body["code"] == "CART_NOT_FOUND"


async def test_locks_and_carts_expire_by_the_clock(
    shop: httpx.AsyncClient, kafka: KafkaClient, owner: asyncpg.Pool[asyncpg.Record]
) -> None:
    locked, idle, checkout_id = await filled_cart(shop, kafka), await filled_cart(shop, kafka), uuid4()
    await lock(kafka, locked, checkout_id)
    await reply(kafka, "cart.locked", checkout_id)
    await owner.execute("UPDATE clock SET shift = interval '31 minutes'")
    try:
        expired = await reply(kafka, "cart.unlocked", checkout_id)
        assert (expired.key, expired.body["step"], expired.body["reason"]) == (locked, STEP, "lock expired")
        await owner.execute("UPDATE clock SET shift = interval '73 hours'")
        await kafka.wait_for(lambda it: it.key == idle and it.type == "cart.expired")
        assert (await read_cart(shop, idle))["status"] == "expired"
    finally:
        await owner.execute("UPDATE clock SET shift = '0'")
