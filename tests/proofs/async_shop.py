"""Requests that the proofs make: put goods on sale, fill carts, check out, and read the results."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.proofs.caller import Caller, Json, Response

CURRENCY = "USD"
SETTLED_WITHIN = 600.0
"""Seconds; generous for slow machines and high contention."""
LOOK_AGAIN = 0.5
ENDS = {"completed", "failed"}
CUSTOMER_ADDRESS = "somebody@customers.example"


class Shop:
    """Every write has a name, which is its idempotency key."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    async def product(self, name: str, cents: int, on_hand: int) -> str:
        product_id = await self._put_on_sale(name, cents, "physical_product")
        await self.count(product_id, on_hand, f"count {name}")
        return product_id

    async def course(self, name: str, cents: int) -> str:
        """Without a limit of seats."""
        return await self._put_on_sale(name, cents, "course")

    async def _put_on_sale(self, name: str, cents: int, kind: str) -> str:
        price = {"amount": cents, "currency": CURRENCY}
        new = {"sku": name, "name": name, "type": kind, "prices": [price]}
        made = await self.caller.post("offer", "/v1/products", new, f"product {name}", "admin")
        product_id = str(made["product_id"])
        path = f"/v1/products/{product_id}/activate"
        await self.caller.post("offer", path, None, f"activate {name}", "admin")
        return product_id

    async def count(self, product_id: str, on_hand: int, name: str) -> None:
        count = {"on_hand": on_hand, "allow_backorders": False}
        response = await self.caller.write(
            "PUT", "offer", f"/v1/products/{product_id}/stock", count, name, "admin"
        )
        if not response.ok:
            raise AssertionError(f"the count was refused: {response.body}")

    async def stock(self, product_id: str) -> tuple[int, int]:
        """On hand, and reserved."""
        found = await self.caller.read("offer", f"/v1/products/{product_id}/stock")
        return found["on_hand"], found["reserved"]

    async def promotion(self, code: str, percent: int, uses: int) -> str:
        terms = {
            "code": code,
            "kind": "percentage",
            "value": percent,
            "limits": {"total": uses},
            "stacking": {"mode": "stackable"},
        }
        made = await self.caller.post("offer", "/v1/promotions", terms, f"promotion {code}", "admin")
        return str(made["promotion_id"])

    async def uses(self, promotion_id: str) -> int:
        return int((await self.caller.read("offer", f"/v1/promotions/{promotion_id}", "admin"))["uses"])

    async def cart(self, name: str, lines: dict[str, int], code: str | None = None) -> Response:
        """The response with the cart, or with the refusal of its code."""
        new = {"session_id": name, "currency": CURRENCY}
        cart = await self.caller.post("cart", "/v1/carts", new, f"cart {name}")
        path = f"/v1/carts/{cart['cart_id']}"
        response = Response(201, cart)
        for product_id, quantity in lines.items():
            item = {"product_id": product_id, "quantity": quantity}
            response = Response(
                200, await self.caller.post("cart", f"{path}/items", item, f"item {name} {product_id}")
            )
        if code:
            response = await self.caller.write(
                "POST", "cart", f"{path}/discounts", {"code": code}, f"code {name}"
            )
        return response

    async def check_out(self, name: str, cart: Json, token: str, customer_id: str) -> Response:
        """Expects the total that the cart has shown."""
        return await self.check_out_by({"method": "card", "token": token}, name, cart, customer_id)

    async def check_out_by(self, payment: Json, name: str, cart: Json, customer_id: str) -> Response:
        """``payment``: as in the request."""
        body = {
            "cart_id": cart["cart_id"],
            "expected_total": cart["totals"]["total"],
            "customer": {"id": customer_id, "email": CUSTOMER_ADDRESS},
            "payment": payment,
        }
        return await self.caller.write("POST", "checkout-saga", "/v1/checkouts", body, f"checkout {name}")

    async def checkout(self, checkout_id: str, wait_ms: int = 0) -> Json:
        return await self.caller.read("checkout-saga", f"/v1/checkouts/{checkout_id}?wait_ms={wait_ms}")

    async def press(self, checkout_id: str, button: str, name: str) -> Response:
        """``cancel`` or ``confirm-action``."""
        path = f"/v1/checkouts/{checkout_id}/{button}"
        return await self.caller.write("POST", "checkout-saga", path, None, f"{button} {name}")

    async def settled(self, checkout_id: str) -> Json:
        """The checkout at its end, or when a customer or an operator has to act."""
        async with asyncio.timeout(SETTLED_WITHIN):
            while True:
                found = await self.checkout(checkout_id, wait_ms=5000)
                if found["status"] in ENDS | {"requires_action", "needs_operator"}:
                    return found

    async def ledger(self) -> list[Json]:
        """The gateway's ledger of this tenant."""
        return await self.caller.items("gateway", "/v1/simulated-gateway/ledger", "ops")

    async def give_back(self, order_id: str, product_id: str, name: str) -> Json:
        """Refund one unit of the product, which goes back into stock. Returns the refund once it is paid."""
        path = f"/v1/orders/{order_id}"
        order = await self.caller.read("checkout-saga", path)
        line_id = next(it["line_id"] for it in order["lines"] if it["product_id"] == product_id)
        lines = [{"line_id": line_id, "quantity": 1}]
        refund = {"lines": lines, "restock": True, "reason": "does not fit", "reason_code": "requested"}
        await self.caller.post("checkout-saga", f"{path}/refunds", refund, f"give back {name}", "admin")
        async with asyncio.timeout(SETTLED_WITHIN):
            while True:
                (found,) = (await self.caller.read("checkout-saga", path))["refunds"]
                if found["status"] == "refunded":
                    return dict(found)
                await asyncio.sleep(LOOK_AGAIN)

    async def orders_of(self, customer_id: str) -> list[Json]:
        path = f"/v1/orders?customer_id={customer_id}"
        return await self.caller.items("checkout-saga", path, "admin")


def by_checkout(ledger: list[Json]) -> dict[str | None, list[tuple[Any, ...]]]:
    """Operation, status and amount of the entries of each checkout. None: of payments that were voided before
    the gateway knew their checkout."""
    found: dict[str | None, list[tuple[Any, ...]]] = {}
    for it in ledger:
        found.setdefault(it.get("checkout_id"), []).append((it["operation"], it["status"], it["amount"]))
    return found
