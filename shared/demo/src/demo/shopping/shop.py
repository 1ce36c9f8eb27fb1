"""Requests of a shop: products, carts, checkouts. The idempotency keys are derived from names."""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

from demo.shopping.api import Api

CURRENCY = "USD"
GATEWAY = "simulated"
MAX_WAIT_MS = 10_000
RUNNING_STATUSES = {"processing", "compensating"}
FINAL_STATUSES = {"completed", "failed"}
CHECKOUT_TIMEOUT_SECONDS = 300.0
POLL_INTERVAL_SECONDS = 0.5


class Goods(NamedTuple):
    """A product with its quantity."""

    product_id: str
    quantity: int = 1


class Buyer(NamedTuple):
    """A customer with a payment token."""

    customer_id: str
    token: str

    def checkout_of(self, cart: Mapping[str, Any]) -> dict[str, Any]:
        """The checkout request, limited to the total that the cart has shown."""
        return {
            "cart_id": cart["cart_id"],
            "expected_total": cart["totals"]["total"],
            "customer": {"id": self.customer_id, "email": f"{self.customer_id}@customers.example"},
            "payment": {"gateway": GATEWAY, "method": "card", "token": self.token},
        }


class Shop:
    """The shop of one tenant. ``at``: time of occurrence, for purchases of the past."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def put_on_sale(self, sku: str, name: str, cents: int) -> str:
        price = {"currency": CURRENCY, "amount": cents}
        product = {"sku": sku, "name": name, "type": "digital_product", "prices": [price]}
        made = await self._api.post("offer", "/v1/products", "admin", f"create-{sku}", product)
        product_id = str(made["product_id"])
        path = f"/v1/products/{product_id}/activate"
        await self._api.post("offer", path, "admin", f"activate-{sku}")
        return product_id

    async def count_stock(self, product_id: str, on_hand: int) -> None:
        path = f"/v1/products/{product_id}/stock"
        await self._api.put("offer", path, "admin", {"on_hand": on_hand})

    async def stock(self, product_id: str) -> dict[str, Any]:
        return await self._api.get("offer", f"/v1/products/{product_id}/stock", "ops")

    async def offer_discount(self, code: str, percent: int, uses: int) -> str:
        terms = {
            "code": code,
            "kind": "percentage",
            "value": percent,
            "limits": {"total": uses},
            "stacking": {"mode": "stackable"},
        }
        made = await self._api.post("offer", "/v1/promotions", "admin", f"promotion-{code}", terms)
        return str(made["promotion_id"])

    async def discount_uses(self, promotion_id: str) -> int:
        return int((await self._api.get("offer", f"/v1/promotions/{promotion_id}", "admin"))["uses"])

    async def fill_cart(
        self,
        name: str,
        customer_id: str,
        goods: Goods,
        *,
        code: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        at: str | None = None,
    ) -> dict[str, Any]:
        """Create a cart with one item. Returns the cart."""
        cart = {
            "session_id": name,
            "customer_id": customer_id,
            "currency": CURRENCY,
            "metadata": metadata or {},
        }
        made = await self._api.post("cart", "/v1/carts", "service", f"cart-{name}", cart, at)
        path = f"/v1/carts/{made['cart_id']}"
        made = await self._api.post("cart", f"{path}/items", "service", f"item-{name}", goods._asdict(), at)
        if code:
            discount = {"code": code}
            made = await self._api.post("cart", f"{path}/discounts", "service", f"code-{name}", discount, at)
        return made

    async def check_out(
        self, name: str, cart: Mapping[str, Any], buyer: Buyer, *, at: str | None = None
    ) -> dict[str, Any]:
        """Run a checkout to its end, with required customer actions. Raises ``TimeoutError``, ``Refusal``."""
        body = buyer.checkout_of(cart)
        checkout = await self._api.post(
            "checkout-saga", "/v1/checkouts", "service", f"checkout-{name}", body, at
        )
        path = f"/v1/checkouts/{checkout['checkout_id']}"
        async with asyncio.timeout(CHECKOUT_TIMEOUT_SECONDS):
            while checkout["status"] not in FINAL_STATUSES:
                if checkout["status"] == "requires_action":
                    action = f"{path}/confirm-action"
                    await self._api.post("checkout-saga", action, "service", f"confirm-{name}", at=at)
                elif checkout["status"] not in RUNNING_STATUSES:
                    await asyncio.sleep(POLL_INTERVAL_SECONDS)
                checkout = await self._api.get("checkout-saga", path, "service", wait_ms=MAX_WAIT_MS)
        return checkout

    async def order(self, order_id: str) -> dict[str, Any]:
        return await self._api.get("checkout-saga", f"/v1/orders/{order_id}", "ops")

    async def payments(self) -> list[dict[str, Any]]:
        """The simulated gateway's ledger of this tenant."""
        return await self._api.items("gateway", "/v1/simulated-gateway/ledger", "ops")
