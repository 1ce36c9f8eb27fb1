"""HTTP requests of storefronts, merchants and operators, with the keys of the local stack."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Self
from uuid import uuid4

import httpx

Json = dict[str, Any]
END_WITHIN = 60.0
SEEN_WITHIN = 30.0
STRANGER = (("stranger", b"no record of ours"),)
"""The headers of foreign records that tests send."""
NOT_YET_KNOWN = {"PRODUCT_NOT_FOUND", "INVALID_DISCOUNT_CODE"}
SETTLING = {"processing", "compensating"}


class Shop:
    def __init__(self, urls: Mapping[str, str], tenant: str = "demo", end_within: float = END_WITHIN) -> None:
        self._end_within = end_within
        self._urls = urls
        self._tenant = tenant
        self._client = httpx.Client(timeout=30, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def of(self, tenant: str) -> Shop:
        return Shop(self._urls, tenant)

    def call(
        self, method: str, service: str, path: str, role: str = "storefront", body: Any = None, **headers: str
    ) -> httpx.Response:
        headers_sent = {"Authorization": f"Bearer {self._tenant}-{role}"} | {
            name.replace("_", "-"): it for name, it in headers.items()
        }
        return self._client.request(method, self._urls[service] + path, json=body, headers=headers_sent)

    def send(self, service: str, path: str, content: str, headers: Mapping[str, str]) -> httpx.Response:
        """Send a raw body with these headers alone."""
        return self._client.post(self._urls[service] + path, content=content, headers=dict(headers))

    def get(self, service: str, path: str, role: str = "storefront") -> Json:
        return _ok(self.call("GET", service, path, role))

    def post(
        self, service: str, path: str, role: str = "storefront", body: Any = None, **headers: str
    ) -> Json:
        return _ok(self.call("POST", service, path, role, body, **headers))

    def product(self, amount: int, on_hand: int | None = None, **details: Any) -> Json:
        """Create an active product, of goods unless ``details`` say more; its stock is counted if ``on_hand``
        is given."""
        new = {
            "sku": uuid4().hex,
            "name": "A thing",
            "type": "physical_product",
            "prices": [{"amount": amount, "currency": "USD"}],
            **details,
        }
        product = self.post("offer", "/v1/products", "admin", new)
        self.post("offer", f"/v1/products/{product['product_id']}/activate", "admin")
        if on_hand is not None:
            path = f"/v1/products/{product['product_id']}/stock"
            count = {"on_hand": on_hand, "allow_backorders": False}
            _ok(self.call("PUT", "offer", path, "admin", count))
        return product

    def sold(self, amount: int, on_hand: int | None = None) -> Json:
        """Create a product, and wait until carts accept it."""
        product = self.product(amount, on_hand)
        path = f"/v1/carts/{self.cart()['cart_id']}/items"
        item = {"product_id": product["product_id"], "quantity": 1}
        self.until(
            lambda: {"status": self.call("POST", "cart", path, body=item).status_code},
            lambda it: it["status"] == 200,
        )
        return product

    def stock(self, product: Json) -> tuple[int, int]:
        """On hand, and reserved."""
        found = self.get("offer", f"/v1/products/{product['product_id']}/stock")
        return found["on_hand"], found["reserved"]

    def code(self, percent: int, **limits: int) -> str:
        code = f"CODE{uuid4().hex[:8].upper()}"
        terms = {"code": code, "kind": "percentage", "value": percent, "stacking": {"mode": "stackable"}}
        self.post("offer", "/v1/promotions", "admin", terms | {"limits": limits})
        return code

    def cart(self, *lines: tuple[Json, int], code: str | None = None, role: str = "storefront") -> Json:
        cart = self.post("cart", "/v1/carts", role, {"session_id": uuid4().hex, "currency": "USD"})
        path = f"/v1/carts/{cart['cart_id']}"
        for product, quantity in lines:
            item = {"product_id": product["product_id"], "quantity": quantity}
            cart = self._once_known(f"{path}/items", role, item)
        if code:
            cart = self._once_known(f"{path}/discounts", role, {"code": code})
        return cart

    def _once_known(self, path: str, role: str, body: Json) -> Json:
        """Repeat the request until the cart service knows the new product or code."""
        deadline = time.monotonic() + SEEN_WITHIN
        while True:
            response = self.call("POST", "cart", path, role, body)
            unknown = response.status_code in {404, 422} and response.json()["code"] in NOT_YET_KNOWN
            if not unknown or time.monotonic() > deadline:
                return _ok(response)

    def try_checkout(
        self,
        cart: Json,
        token: str = "tok_ok",
        role: str = "storefront",
        more: Any = None,
        **headers: str,
    ) -> httpx.Response:
        """``more``: further fields of the request, or others."""
        body = {
            "cart_id": cart["cart_id"],
            "customer": {"email": "ann@example.com", "name": "Ann Example"},
            "payment": {"method": "card", "token": token},
            **(more or {}),
        }
        headers_sent = {"Idempotency_Key": uuid4().hex} | headers
        return self.call("POST", "checkout-saga", "/v1/checkouts", role, body, **headers_sent)

    def buy(
        self,
        cart: Json,
        token: str = "tok_ok",
        role: str = "storefront",
        more: Any = None,
        **headers: str,
    ) -> Json:
        """Check out, and return the checkout at its end."""
        begun = _ok(self.try_checkout(cart, token, role, more, **headers))
        return self.settled(begun["checkout_id"])

    def settled(self, checkout_id: str) -> Json:
        path = f"/v1/checkouts/{checkout_id}"
        return self.until(
            lambda: self.get("checkout-saga", f"{path}?wait_ms=5000"),
            lambda it: it["status"] not in SETTLING,
            self._end_within,
        )

    def until(
        self, look: Callable[[], Json], enough: Callable[[Json], bool], limit: float = SEEN_WITHIN
    ) -> Json:
        """Repeat ``look`` until ``enough`` accepts its result; fail with the last one."""
        deadline = time.monotonic() + limit
        while not enough(seen := look()):
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {limit} s: {seen}")
            time.sleep(0.05)
        return seen

    def ledger(self, checkout: Json) -> list[tuple[str, str, int]]:
        """The gateway's ledger of a checkout: operation, status, amount."""
        path = f"/v1/simulated-gateway/ledger?checkout_id={checkout['checkout_id']}"
        found = self.get("gateway", path, "ops")["items"]
        return [(it["operation"], it["status"], it["amount"]) for it in found]


def usd(amount: int) -> Json:
    return {"amount": amount, "currency": "USD"}


def _ok(response: httpx.Response) -> Json:
    assert response.is_success, f"{response.request.url}: {response.status_code} {response.text}"
    found: Json = response.json()
    return found
