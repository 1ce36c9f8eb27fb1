"""`feira clock` and `/v1/clock` on a whole stack: one clock for all services, in spite of crashes.

The tests run in this order: the clock is reset while the stack is empty, and only goes forwards afterwards.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from datetime import datetime, timedelta
from uuid import uuid4

import asyncpg
import httpx
import pytest

from contracts.topology import STACK_NAMES
from tests.end_to_end.clock.conftest import Clock
from tests.end_to_end.shop_client import Shop
from tests.support.stack import PROGRAM, RunningStack

MACHINES_TIME = "SELECT extract(epoch FROM shift)::float8 FROM clock"
ABOUT = timedelta(minutes=2)
EXPIRED = "SELECT stream_id FROM log WHERE type = 'cart.expired' ORDER BY position"


def query(stack: RunningStack, service: str, statement: str, *arguments: object) -> list[asyncpg.Record]:
    async def fetch() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(stack.addresses.databases[service])
        try:
            return await connection.fetch(statement, *arguments)
        finally:
            await connection.close()

    return asyncio.run(fetch())


def shifts(stack: RunningStack) -> set[float]:
    return {query(stack, service, MACHINES_TIME)[0][0] for service in STACK_NAMES}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_an_empty_stack_is_moved_as_one_and_reset(stack: RunningStack, clock: Clock) -> None:
    before = clock("show")
    moved = clock("advance", "72h")

    assert (before["shift_seconds"], moved["state"], len(shifts(stack))) == (0, "still", 1)
    assert timedelta() <= moment(moved["now"]) - moment(before["now"]) - timedelta(hours=72) < ABOUT
    assert clock("reset")["shift_seconds"] == 0
    assert shifts(stack) == {0}


@pytest.mark.parametrize("service", STACK_NAMES)
def test_every_service_moves_all_of_them(stack: RunningStack, shop: Shop, service: str) -> None:
    moved = shop.post(service, "/v1/clock", "ops", {"advance_seconds": 60})

    assert shifts(stack) == {moved["shift_seconds"]}
    assert shop.get("cart", "/v1/clock", "ops")["reaches"] == moved["reaches"]


def test_a_repeated_request_is_added_once(shop: Shop) -> None:
    once, body = uuid4().hex, {"advance_seconds": 600}
    first = shop.post("offer", "/v1/clock", "ops", body, Idempotency_Key=once)
    again = shop.post("gateway", "/v1/clock", "ops", body, Idempotency_Key=once)

    assert again["reaches"] == first["reaches"]


def test_the_clock_does_not_go_back(shop: Shop, clock: Clock) -> None:
    shop.cart()
    earlier = {"to": clock("show")["now"]}

    for body, code in ((earlier, "CLOCK_OUT_OF_REACH"), ({"reset": True}, "STACK_NOT_EMPTY")):
        refused = shop.call("POST", "checkout-saga", "/v1/clock", "ops", body)
        assert (refused.status_code, refused.json()["code"]) == (409, code)


def test_an_abandoned_cart_has_expired_when_the_clock_is_past_its_time(shop: Shop, clock: Clock) -> None:
    cart = shop.cart((shop.sold(500, on_hand=10), 1))

    clock("advance", "73h")

    assert shop.get("cart", f"/v1/carts/{cart['cart_id']}")["status"] == "expired"


def test_a_checkout_that_waits_for_its_customer_ends_with_all_that_follows(shop: Shop, clock: Clock) -> None:
    product = shop.sold(500, on_hand=10)
    cart = shop.cart((product, 3))
    waiting = shop.buy(cart, "tok_action")
    assert (waiting["status"], shop.stock(product)) == ("requires_action", (10, 3))

    clock("advance", "1h")

    # nothing has to be waited for any more
    ended = shop.get("checkout-saga", f"/v1/checkouts/{waiting['checkout_id']}")
    assert (ended["status"], ended["failure"]["code"]) == ("failed", "CHECKOUT_SESSION_EXPIRED")
    assert shop.stock(product) == (10, 0)
    # given back, and left alone for half an hour since
    assert shop.get("cart", f"/v1/carts/{cart['cart_id']}")["status"] == "abandoned"


def test_facts_are_recorded_at_the_moved_time(shop: Shop, clock: Clock) -> None:
    moved = clock("advance", "24h")
    order = shop.buy(shop.cart((shop.sold(500, on_hand=1), 1)))
    created = shop.get("checkout-saga", f"/v1/orders/{order['order_id']}")["created_at"]

    assert moment(moved["reaches"]) <= moment(created) < moment(moved["reaches"]) + ABOUT
    assert len(shop.ledger(order)) == 2


def test_a_move_goes_on_when_services_are_killed_in_the_middle(
    stack: RunningStack, shop: Shop, clock: Clock
) -> None:
    carts = _carts(shop)
    target = clock("advance", "73h", "--no-wait")["reaches"]
    stack.until(lambda: bool(_expired(stack, carts)))
    for service in STACK_NAMES[::2]:
        os.kill(stack.process(service)["pid"], signal.SIGKILL)

    moved = clock("to", target)

    assert (moved["state"], moved["reaches"], len(shifts(stack))) == ("still", target, 1)
    assert _expired(stack, carts) == carts


def test_a_move_goes_on_when_the_command_is_killed_in_the_middle(
    stack: RunningStack, shop: Shop, clock: Clock
) -> None:
    carts = _carts(shop)
    command = subprocess.Popen(
        [PROGRAM, "clock", "advance", "73h"],
        env=dict(stack.environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stack.until(lambda: bool(_expired(stack, carts)))
    command.kill()
    command.wait()

    stack.until(lambda: clock("show")["state"] == "still", limit=120)

    assert _expired(stack, carts) == carts


def _carts(shop: Shop, count: int = 40) -> list[str]:
    """The ids of carts, in the order in which they will expire."""
    return [shop.cart()["cart_id"] for _ in range(count)]


def _expired(stack: RunningStack, carts: list[str]) -> list[str]:
    """Those that have expired, in the order of the log."""
    return [it for row in query(stack, "cart", EXPIRED) if (it := str(row["stream_id"])) in carts]


def test_what_the_services_ask_of_one_another_needs_their_secret(stack: RunningStack) -> None:
    for service, url in stack.addresses.urls.items():
        for key in ("", "Bearer demo-ops", f"Bearer {'x' * 44}"):
            answer = httpx.post(f"{url}/v1/service-clock", json={}, headers={"Authorization": key})
            assert answer.status_code == 401, (service, key)
