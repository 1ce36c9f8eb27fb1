"""The cart service from outside: HTTP in, facts on Kafka out, prices from its own copy of the catalogue."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from jsonschema import ValidationError, validate

from contracts import product, promotion, tax_rate
from tests.integration.cart.wire import Wire

USD = "USD"


def money(amount: int, currency: str = USD) -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


async def on_sale(
    wire: Wire, price: int, tenant: str = "demo", elsewhere: dict[str, int] | None = None, **details: Any
) -> UUID:
    product_id = uuid4()
    prices = (
        product.Price(amount=price, currency=USD),
        *(product.Price(amount=it, currency=USD, region=place) for place, it in (elsewhere or {}).items()),
    )
    told = product.Details(sku=str(product_id), name="Mug", type="physical_product", prices=prices, **details)
    await wire.tell(product.Created, product_id, tenant, details=told, status="active")
    return product_id


async def priced(wire: Wire, product_id: UUID, price: int) -> None:
    prices = (product.Price(amount=price, currency=USD),)
    told = product.Details(sku=str(product_id), name="Mug", type="physical_product", prices=prices)
    await wire.tell(product.Changed, product_id, details=told)


async def code_offered(wire: Wire, code: str, **terms: Any) -> UUID:
    promotion_id = uuid4()
    told = promotion.Terms(code=code, kind="percentage", value="10", **terms)
    await wire.tell(promotion.Created, promotion_id, terms=told)
    return promotion_id


async def new_cart(caller: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await caller.post("/v1/carts", json={"session_id": str(uuid4()), "currency": USD, **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def added(
    caller: httpx.AsyncClient, cart_id: str, product_id: UUID, quantity: int = 1
) -> httpx.Response:
    body = {"product_id": str(product_id), "quantity": quantity}
    return await caller.post(f"/v1/carts/{cart_id}/items", json=body)


async def test_a_cart_is_filled_discounted_and_read_back(shop: httpx.AsyncClient, wire: Wire) -> None:
    product_id = await on_sale(wire, 1999)
    code = f"ten-{uuid4().hex[:8]}"
    await code_offered(wire, code)
    cart = await new_cart(shop, customer_id="ann", metadata={"utm_source": "news"})
    path = f"/v1/carts/{cart['cart_id']}"
    answer = await added(shop, cart["cart_id"], product_id, 3)
    assert answer.status_code == 200, answer.text
    answer = await shop.post(f"{path}/discounts", json={"code": code.upper()})
    assert answer.status_code == 200, answer.text
    shown = (await shop.get(path)).json()
    assert shown == answer.json()
    (item,) = shown["items"]
    assert shown == {
        "cart_id": cart["cart_id"],
        "status": "active",
        "type": "standard",
        "session_id": cart["session_id"],
        "customer_id": "ann",
        "currency": USD,
        "items": [
            {
                "item_id": item["item_id"],
                "product_id": str(product_id),
                "name": "Mug",
                "quantity": 3,
                "unit_price": money(1999),
                "available": True,
                "discount": money(600),
                "tax": money(0),
                "total": money(5397),
                "options": {},
            }
        ],
        "discounts": [
            {
                "code": code,
                "kind": "percentage",
                "amount": money(600),
                "allocation": {item["item_id"]: money(600)},
                "status": "applied",
            }
        ],
        "totals": {
            "subtotal": money(5997),
            "discount": money(600),
            "shipping": money(0),
            "tax": money(0),
            "total": money(5397),
        },
        "metadata": {"utm_source": "news"},
        "expires_at": cart["expires_at"],
        "version": 3,
    }
    assert answer.headers["ETag"] == '"3"'


async def test_every_change_is_published_in_order(shop: httpx.AsyncClient, wire: Wire) -> None:
    product_id = await on_sale(wire, 500)
    cart = await new_cart(shop)
    cart_id = UUID(cart["cart_id"])
    item = (await added(shop, cart["cart_id"], product_id)).json()["items"][0]["item_id"]
    path = f"/v1/carts/{cart_id}/items/{item}"
    assert (await shop.patch(path, json={"quantity": 4})).json()["totals"]["total"] == money(2000)
    assert (await shop.delete(path)).json()["items"] == []
    await wire.until(lambda it: it.key == cart_id and it.type == "cart.item_removed")
    assert [(it.type, it.version) for it in wire.published if it.key == cart_id] == [
        ("cart.created", 1),
        ("cart.item_added", 2),
        ("cart.item_quantity_changed", 3),
        ("cart.item_removed", 4),
    ]


async def test_a_price_that_changed_reaches_a_cart_that_nobody_touches(
    shop: httpx.AsyncClient, wire: Wire
) -> None:
    product_id = await on_sale(wire, 500)
    cart = await new_cart(shop)
    await added(shop, cart["cart_id"], product_id, 2)
    await priced(wire, product_id, 650)
    repriced = await wire.until(lambda it: it.type == "cart.repriced" and it.key == UUID(cart["cart_id"]))
    (told,) = repriced.body["items"]
    assert (told["unit_price"], told["previous_price"], repriced.body["reason"]) == (650, 500, "catalogue")
    asked = {"session_id": cart["session_id"], "currency": USD}
    for answer in (
        await shop.get(f"/v1/carts/{cart['cart_id']}"),
        await shop.post("/v1/carts", json=asked),
    ):
        (item,) = answer.json()["items"]
        assert (item["unit_price"], item["previous_price"]) == (money(650), money(500))
        assert datetime.fromisoformat(item["price_updated_at"]).tzinfo is not None


async def test_a_destination_changes_prices_and_taxes_and_no_more_of_an_address_is_kept(
    shop: httpx.AsyncClient, wire: Wire, rival: httpx.AsyncClient
) -> None:
    """E58 of the worked examples."""
    product_id = await on_sale(wire, 1999, elsewhere={"DE": 1799})
    await wire.tell(tax_rate.Set, uuid4(), country="DE", rate="19", inclusive=True, name="VAT")
    cart = await new_cart(shop)
    await added(shop, cart["cart_id"], product_id, 2)
    path = f"/v1/carts/{cart['cart_id']}/shipping-address"
    body = {"country": "DE", "region": "BE"}
    async with asyncio.timeout(30):
        while True:  # until our copy knows
            answer = await shop.put(path, json=body)
            if answer.json()["totals"]["tax"]["amount"]:
                break
    shown = answer.json()
    assert (shown["destination"], shown["totals"]["total"], shown["totals"]["tax"]) == (
        body,
        money(3598),
        money(574),
    )
    assert "previous_price" not in shown["items"][0]
    assert (await shop.put(path, json=body | {"city": "Berlin"})).status_code == 422
    assert (await rival.put(path, json=body)).json()["code"] == "CART_NOT_FOUND"


async def test_a_session_has_one_open_cart_however_many_ask_at_once(shop: httpx.AsyncClient) -> None:
    body = {"session_id": str(uuid4()), "currency": USD}
    answers = await asyncio.gather(*(shop.post("/v1/carts", json=body) for _ in range(8)))
    assert sorted(it.status_code for it in answers) == [200] * 7 + [201]
    assert len({it.json()["cart_id"] for it in answers}) == 1


async def test_carts_are_listed_by_session_and_by_customer_within_a_tenant(
    shop: httpx.AsyncClient, admin: httpx.AsyncClient, rival: httpx.AsyncClient
) -> None:
    customer = f"{uuid4()}/a"
    first, second = await new_cart(shop, customer_id=customer), await new_cart(shop, customer_id=customer)
    await new_cart(shop, customer_id=f"{customer}/b")
    page = (await admin.get("/v1/carts", params={"customer_id": customer, "limit": 1})).json()
    assert [it["cart_id"] for it in page["items"]] == [first["cart_id"]]
    rest = {"customer_id": customer, "cursor": page["next_cursor"]}
    page = (await admin.get("/v1/carts", params=rest)).json()
    assert [it["cart_id"] for it in page["items"]] == [second["cart_id"]]
    assert page["next_cursor"] is None
    by_session = (await admin.get("/v1/carts", params={"session_id": first["session_id"]})).json()
    assert [it["cart_id"] for it in by_session["items"]] == [first["cart_id"]]
    assert (await rival.get("/v1/carts", params={"customer_id": customer})).json()["items"] == []
    assert (await shop.get("/v1/carts", params={"customer_id": customer})).status_code == 403
    assert (await admin.get("/v1/carts")).status_code == 422


async def test_another_tenants_cart_looks_like_a_missing_one(
    shop: httpx.AsyncClient, rival: httpx.AsyncClient
) -> None:
    cart = await new_cart(shop)
    theirs, missing = await asyncio.gather(
        rival.get(f"/v1/carts/{cart['cart_id']}"), rival.get(f"/v1/carts/{uuid4()}")
    )
    assert theirs.status_code == missing.status_code == 404
    assert theirs.json()["code"] == missing.json()["code"] == "CART_NOT_FOUND"


async def test_another_tenants_products_and_codes_do_not_exist(shop: httpx.AsyncClient, wire: Wire) -> None:
    product_id = await on_sale(wire, 500, tenant="rival")
    cart = await new_cart(shop)
    assert (await added(shop, cart["cart_id"], product_id)).json()["code"] == "PRODUCT_NOT_FOUND"


async def test_prices_and_unknown_fields_are_refused(shop: httpx.AsyncClient, wire: Wire) -> None:
    product_id = await on_sale(wire, 500)
    cart = await new_cart(shop)
    body = {"product_id": str(product_id), "quantity": 1, "unit_price": money(1)}
    answer = await shop.post(f"/v1/carts/{cart['cart_id']}/items", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")
    assert answer.json()["errors"][0]["pointer"] == "#/unit_price"


async def test_a_stale_version_is_refused_and_a_repeated_request_answered_again(
    shop: httpx.AsyncClient, wire: Wire
) -> None:
    product_id = await on_sale(wire, 500)
    cart = await new_cart(shop)
    path, body = f"/v1/carts/{cart['cart_id']}/items", {"product_id": str(product_id), "quantity": 1}
    key = {"Idempotency-Key": str(uuid4())}
    first = await shop.post(path, json=body, headers=key | {"If-Match": '"1"'})
    again = await shop.post(path, json=body, headers=key)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    stale = await shop.post(path, json=body, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "VERSION_CONFLICT")


async def test_an_unknown_code_says_so(shop: httpx.AsyncClient) -> None:
    cart = await new_cart(shop)
    answer = await shop.post(f"/v1/carts/{cart['cart_id']}/discounts", json={"code": "no-such-code"})
    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["reason"]) == ("INVALID_DISCOUNT_CODE", "unknown")


async def test_a_code_that_is_used_up_says_so(shop: httpx.AsyncClient, wire: Wire) -> None:
    code = f"once-{uuid4().hex[:8]}"
    promotion_id = await code_offered(wire, code, limits=promotion.Limits(total=1))
    await wire.tell(promotion.Reserved, promotion_id, checkout_id=uuid4(), customer_id="ann")
    cart = await new_cart(shop)
    async with asyncio.timeout(30):
        while True:  # until our copy has counted the use
            answer = await shop.post(f"/v1/carts/{cart['cart_id']}/discounts", json={"code": code})
            if answer.status_code == 422:
                break
            await shop.delete(f"/v1/carts/{cart['cart_id']}/discounts/{code}")
    assert answer.json()["reason"] == "limit_reached"


async def test_what_is_answered_is_what_the_description_says(shop: httpx.AsyncClient, wire: Wire) -> None:
    product_id = await on_sale(wire, 1999)
    code = f"ten-{uuid4().hex[:8]}"
    await code_offered(wire, code)
    cart = await new_cart(shop)
    await added(shop, cart["cart_id"], product_id, 3)
    answer = await shop.post(f"/v1/carts/{cart['cart_id']}/discounts", json={"code": code})
    description = (await shop.get("/openapi.json")).json()
    told = description["paths"]["/v1/carts/{cart_id}/discounts"]["post"]["responses"]
    schema = told["200"]["content"]["application/json"]["schema"]
    validate(answer.json(), schema | {"components": description["components"]})
    assert {"401", "403", "404", "409", "412", "422"} <= set(told)
    broken = answer.json() | {"totals": answer.json()["totals"] | {"total": {"amount": 1.5, "currency": USD}}}
    with pytest.raises(ValidationError):
        validate(broken, schema | {"components": description["components"]})


async def test_codes_cannot_be_guessed_one_after_the_other(shop: httpx.AsyncClient) -> None:
    mine, theirs = await new_cart(shop), await new_cart(shop)
    guesses = await asyncio.gather(*(guess(shop, mine, f"GUESS-{it}") for it in range(30)))
    told = Counter((it.status_code, it.json()["code"]) for it in guesses)
    assert told == {(422, "INVALID_DISCOUNT_CODE"): 20, (429, "RATE_LIMITED"): 10}
    late = next(it for it in guesses if it.status_code == 429)
    assert 1 <= int(late.headers["Retry-After"]) <= 3
    assert (await guess(shop, theirs, "GUESS-20")).status_code == 422


async def guess(shop: httpx.AsyncClient, cart: dict[str, Any], code: str) -> httpx.Response:
    return await shop.post(f"/v1/carts/{cart['cart_id']}/discounts", json={"code": code})
