"""A checkout's commands to the cart, over Kafka and back."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from contracts import cart as contract
from tests.integration.cart.test_carts_over_http import added, new_cart, on_sale
from tests.integration.cart.wire import Published, Wire

STEP = "lock_cart"


async def full_cart(shop: httpx.AsyncClient, wire: Wire, quantity: int = 1) -> UUID:
    product_id = await on_sale(wire, 20_000)
    cart = await new_cart(shop)
    assert (await added(shop, cart["cart_id"], product_id, quantity)).status_code == 200
    return UUID(cart["cart_id"])


async def answer(wire: Wire, kind: str, checkout_id: UUID, count: int = 1) -> Published:
    return await wire.until(
        lambda it: it.type == kind and it.body.get("checkout_id") == str(checkout_id), count
    )


async def lock(wire: Wire, cart_id: UUID, checkout_id: UUID, tenant: str = "demo") -> None:
    await wire.ask(contract.Lock(cart_id=cart_id, checkout_id=checkout_id, step=STEP), cart_id, tenant)


async def shown(shop: httpx.AsyncClient, cart_id: UUID) -> dict[str, Any]:
    return dict((await shop.get(f"/v1/carts/{cart_id}")).json())


async def test_a_cart_is_locked_sold_and_the_session_gets_a_new_one(
    shop: httpx.AsyncClient, wire: Wire
) -> None:
    cart_id, checkout_id, order_id = await full_cart(shop, wire, 2), uuid4(), uuid4()
    await lock(wire, cart_id, checkout_id)
    locked = await answer(wire, "cart.locked", checkout_id)
    assert (locked.key, locked.body["step"], locked.tenant) == (cart_id, STEP, "demo")
    assert locked.body["sale"]["totals"]["total"] == 40_000
    cart = await shown(shop, cart_id)
    assert (cart["status"], cart["totals"]["total"]["amount"]) == ("locked", 40_000)
    refused = await shop.delete(f"/v1/carts/{cart_id}/items")
    assert (refused.status_code, refused.json()["code"], refused.json()["cart_status"]) == (
        409,
        "CART_NOT_ACTIVE",
        "locked",
    )
    convert = contract.Convert(cart_id=cart_id, checkout_id=checkout_id, step="complete", order_id=order_id)
    await wire.ask(convert, cart_id)
    converted = await answer(wire, "cart.converted", checkout_id)
    assert converted.body == {"checkout_id": str(checkout_id), "step": "complete", "order_id": str(order_id)}
    assert (await shown(shop, cart_id))["status"] == "converted"
    body = {"session_id": cart["session_id"], "currency": "USD"}
    assert (await shop.post("/v1/carts", json=body)).status_code == 201


async def test_a_lock_is_answered_again_and_refused_to_others(shop: httpx.AsyncClient, wire: Wire) -> None:
    cart_id, checkout_id, other = await full_cart(shop, wire), uuid4(), uuid4()
    await lock(wire, cart_id, checkout_id)
    await lock(wire, cart_id, checkout_id)
    await lock(wire, cart_id, other)
    again = await answer(wire, "cart.locked", checkout_id, 2)
    assert again.body == (await answer(wire, "cart.locked", checkout_id)).body
    refused = await answer(wire, "cart.lock_refused", other)
    assert (refused.body["code"], refused.body["held_by"]) == ("CHECKOUT_IN_PROGRESS", str(checkout_id))
    unlock = contract.Unlock(cart_id=cart_id, checkout_id=checkout_id, step=STEP, reason="payment declined")
    await wire.ask(unlock, cart_id)
    await answer(wire, "cart.unlocked", checkout_id)
    assert (await shown(shop, cart_id))["status"] == "active"


async def test_a_lock_that_comes_after_its_undoing_is_refused(shop: httpx.AsyncClient, wire: Wire) -> None:
    cart_id, checkout_id = await full_cart(shop, wire), uuid4()
    unlock = contract.Unlock(cart_id=cart_id, checkout_id=checkout_id, step=STEP, reason="cancelled")
    await wire.ask(unlock, cart_id)
    await lock(wire, cart_id, checkout_id)
    await answer(wire, "cart.unlocked", checkout_id)
    refused = await answer(wire, "cart.lock_refused", checkout_id)
    assert refused.body["code"] == "CART_NOT_ACTIVE"
    assert (await shown(shop, cart_id))["status"] == "active"


async def test_what_may_not_be_sold_is_refused_with_its_code(shop: httpx.AsyncClient, wire: Wire) -> None:
    empty = UUID((await new_cart(shop))["cart_id"])
    dear = await full_cart(shop, wire, 6)
    wanted = {"EMPTY_CART": empty, "MAX_ORDER_AMOUNT_EXCEEDED": dear, "CART_NOT_FOUND": uuid4()}
    for code, cart_id in wanted.items():
        checkout_id = uuid4()
        await lock(wire, cart_id, checkout_id)
        assert (await answer(wire, "cart.lock_refused", checkout_id)).body["code"] == code
    checkout_id = uuid4()
    await lock(wire, await full_cart(shop, wire), checkout_id, tenant="rival")
    assert (await answer(wire, "cart.lock_refused", checkout_id)).body["code"] == "CART_NOT_FOUND"


async def test_locks_and_carts_end_by_the_clock(
    shop: httpx.AsyncClient, wire: Wire, owner: asyncpg.Pool[asyncpg.Record]
) -> None:
    held, idle, checkout_id = await full_cart(shop, wire), await full_cart(shop, wire), uuid4()
    await lock(wire, held, checkout_id)
    await answer(wire, "cart.locked", checkout_id)
    await owner.execute("UPDATE clock SET shift = interval '31 minutes'")
    try:
        lapsed = await answer(wire, "cart.unlocked", checkout_id)
        assert (lapsed.key, lapsed.body["step"], lapsed.body["reason"]) == (held, STEP, "lock expired")
        await owner.execute("UPDATE clock SET shift = interval '73 hours'")
        await wire.until(lambda it: it.key == idle and it.type == "cart.expired")
        assert (await shown(shop, idle))["status"] == "expired"
    finally:
        await owner.execute("UPDATE clock SET shift = '0'")
