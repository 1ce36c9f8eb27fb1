"""The cart service from outside: HTTP in, facts on Kafka out, prices from its projection of the catalogue."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from jsonschema import ValidationError, validate

from contracts import product, promotion, tax_rate
from tests.integration.cart.kafka_client import KafkaClient

USD = "USD"


def money(amount: int, currency: str = USD) -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


async def on_sale(
    kafka: KafkaClient,
    price: int,
    tenant: str = "demo",
    elsewhere: dict[str, int] | None = None,
    **details: Any,
) -> UUID:
    product_id = uuid4()
    prices = (
        product.Price(amount=price, currency=USD),
        *(
            product.Price(amount=amount, currency=USD, region=country)
            for country, amount in (elsewhere or {}).items()
        ),
    )
    all_details = product.Details(
        sku=str(product_id), name="Mug", type="physical_product", prices=prices, **details
    )
    await kafka.publish(product.Created, product_id, tenant, details=all_details, status="active")
    return product_id


async def change_price(kafka: KafkaClient, product_id: UUID, price: int) -> None:
    prices = (product.Price(amount=price, currency=USD),)
    all_details = product.Details(sku=str(product_id), name="Mug", type="physical_product", prices=prices)
    await kafka.publish(product.Changed, product_id, details=all_details)


async def new_code(kafka: KafkaClient, code: str, **terms: Any) -> UUID:
    promotion_id = uuid4()
    all_terms = promotion.Terms(code=code, kind="percentage", value="10", **terms)
    await kafka.publish(promotion.Created, promotion_id, terms=all_terms)
    return promotion_id


async def new_cart(caller: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await caller.post("/v1/carts", json={"session_id": str(uuid4()), "currency": USD, **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def add_item(
    caller: httpx.AsyncClient, cart_id: str, product_id: UUID, quantity: int = 1
) -> httpx.Response:
    body = {"product_id": str(product_id), "quantity": quantity}
    return await caller.post(f"/v1/carts/{cart_id}/items", json=body)


async def test_a_cart_is_filled_discounted_and_read(shop: httpx.AsyncClient, kafka: KafkaClient) -> None:
    product_id = await on_sale(kafka, 1999)
    code = f"ten-{uuid4().hex[:8]}"
    await new_code(kafka, code)
    cart = await new_cart(shop, customer_id="ann", metadata={"utm_source": "news"})
    path = f"/v1/carts/{cart['cart_id']}"
    answer = await add_item(shop, cart["cart_id"], product_id, 3)
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
                "price_source": "product",
                "units": 1,
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
        "rejected": [],
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


async def test_every_change_is_published_in_order(shop: httpx.AsyncClient, kafka: KafkaClient) -> None:
    product_id = await on_sale(kafka, 500)
    cart = await new_cart(shop)
    cart_id = UUID(cart["cart_id"])
    item = (await add_item(shop, cart["cart_id"], product_id)).json()["items"][0]["item_id"]
    path = f"/v1/carts/{cart_id}/items/{item}"
    assert (await shop.patch(path, json={"quantity": 4})).json()["totals"]["total"] == money(2000)
    assert (await shop.delete(path)).json()["items"] == []
    await kafka.wait_for(lambda it: it.key == cart_id and it.type == "cart.item_removed")
    assert [(it.type, it.version) for it in kafka.published if it.key == cart_id] == [
        ("cart.created", 1),
        ("cart.item_added", 2),
        ("cart.item_quantity_changed", 3),
        ("cart.item_removed", 4),
    ]


async def test_a_changed_price_reaches_a_cart_without_a_request(
    shop: httpx.AsyncClient, kafka: KafkaClient
) -> None:
    product_id = await on_sale(kafka, 500)
    cart = await new_cart(shop)
    await add_item(shop, cart["cart_id"], product_id, 2)
    await change_price(kafka, product_id, 650)
    repriced = await kafka.wait_for(lambda it: it.type == "cart.repriced" and it.key == UUID(cart["cart_id"]))
    (change,) = repriced.body["items"]
    assert (change["unit_price"], change["previous_price"], repriced.body["reason"]) == (
        650,
        500,
        "catalogue",
    )
    body = {"session_id": cart["session_id"], "currency": USD}
    for answer in (
        await shop.get(f"/v1/carts/{cart['cart_id']}"),
        await shop.post("/v1/carts", json=body),
    ):
        (item,) = answer.json()["items"]
        assert (item["unit_price"], item["previous_price"]) == (money(650), money(500))
        assert datetime.fromisoformat(item["price_updated_at"]).tzinfo is not None


async def test_a_destination_changes_prices_and_taxes_and_only_country_and_region_are_kept(
    shop: httpx.AsyncClient, kafka: KafkaClient, rival: httpx.AsyncClient
) -> None:
    """E58 of the worked examples."""
    product_id = await on_sale(kafka, 1999, elsewhere={"DE": 1799})
    await kafka.publish(tax_rate.Set, uuid4(), country="DE", rate="19", inclusive=True, name="VAT")
    cart = await new_cart(shop)
    await add_item(shop, cart["cart_id"], product_id, 2)
    path = f"/v1/carts/{cart['cart_id']}/shipping-address"
    body = {"country": "DE", "region": "BE"}
    async with asyncio.timeout(30):
        while True:  # until the projection has the tax rate
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


async def test_concurrent_creations_for_a_session_make_one_cart(shop: httpx.AsyncClient) -> None:
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


async def test_another_tenants_cart_is_not_found(shop: httpx.AsyncClient, rival: httpx.AsyncClient) -> None:
    cart = await new_cart(shop)
    theirs, missing = await asyncio.gather(
        rival.get(f"/v1/carts/{cart['cart_id']}"), rival.get(f"/v1/carts/{uuid4()}")
    )
    assert theirs.status_code == missing.status_code == 404
    assert theirs.json()["code"] == missing.json()["code"] == "CART_NOT_FOUND"


async def test_another_tenants_products_and_codes_do_not_exist(
    shop: httpx.AsyncClient, kafka: KafkaClient
) -> None:
    product_id = await on_sale(kafka, 500, tenant="rival")
    cart = await new_cart(shop)
    assert (await add_item(shop, cart["cart_id"], product_id)).json()["code"] == "PRODUCT_NOT_FOUND"


async def test_prices_and_unknown_fields_are_refused(shop: httpx.AsyncClient, kafka: KafkaClient) -> None:
    product_id = await on_sale(kafka, 500)
    cart = await new_cart(shop)
    body = {"product_id": str(product_id), "quantity": 1, "unit_price": money(1)}
    answer = await shop.post(f"/v1/carts/{cart['cart_id']}/items", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")
    assert answer.json()["errors"][0]["pointer"] == "#/unit_price"


async def test_a_stale_version_is_refused_and_a_repeated_request_gets_the_stored_response(
    shop: httpx.AsyncClient, kafka: KafkaClient
) -> None:
    product_id = await on_sale(kafka, 500)
    cart = await new_cart(shop)
    path, body = f"/v1/carts/{cart['cart_id']}/items", {"product_id": str(product_id), "quantity": 1}
    key = {"Idempotency-Key": str(uuid4())}
    first = await shop.post(path, json=body, headers=key | {"If-Match": '"1"'})
    repeated = await shop.post(path, json=body, headers=key)
    assert first.status_code == repeated.status_code == 200
    assert first.json() == repeated.json()
    assert repeated.headers["Idempotent-Replayed"] == "true"
    stale = await shop.post(path, json=body, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "VERSION_CONFLICT")


async def test_the_open_cart_of_a_session_is_returned_only_at_the_version_of_the_caller(
    shop: httpx.AsyncClient,
) -> None:
    body = {"session_id": uuid4().hex, "currency": "USD"}
    created = await shop.post("/v1/carts", json=body)
    seen = await shop.post("/v1/carts", json=body, headers={"If-Match": created.headers["ETag"]})
    assert (seen.status_code, seen.json()["cart_id"]) == (200, created.json()["cart_id"])
    stale = await shop.post("/v1/carts", json=body, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "VERSION_CONFLICT")


async def test_an_unknown_code_is_refused_with_its_reason(shop: httpx.AsyncClient) -> None:
    cart = await new_cart(shop)
    answer = await shop.post(f"/v1/carts/{cart['cart_id']}/discounts", json={"code": "no-such-code"})
    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["reason"]) == ("INVALID_DISCOUNT_CODE", "unknown")


async def test_a_used_up_code_is_refused_with_its_reason(shop: httpx.AsyncClient, kafka: KafkaClient) -> None:
    code = f"once-{uuid4().hex[:8]}"
    promotion_id = await new_code(kafka, code, limits=promotion.Limits(total=1))
    await kafka.publish(promotion.Reserved, promotion_id, checkout_id=uuid4(), customer_id="ann")
    cart = await new_cart(shop)
    async with asyncio.timeout(30):
        while True:  # until the projection has counted the use
            answer = await shop.post(f"/v1/carts/{cart['cart_id']}/discounts", json={"code": code})
            if answer.status_code == 422:
                break
            await shop.delete(f"/v1/carts/{cart['cart_id']}/discounts/{code}")
    assert answer.json()["reason"] == "limit_reached"


async def test_a_response_fits_the_openapi_description(shop: httpx.AsyncClient, kafka: KafkaClient) -> None:
    product_id = await on_sale(kafka, 1999)
    code = f"ten-{uuid4().hex[:8]}"
    await new_code(kafka, code)
    cart = await new_cart(shop)
    await add_item(shop, cart["cart_id"], product_id, 3)
    answer = await shop.post(f"/v1/carts/{cart['cart_id']}/discounts", json={"code": code})
    description = (await shop.get("/openapi.json")).json()
    responses = description["paths"]["/v1/carts/{cart_id}/discounts"]["post"]["responses"]
    schema = responses["200"]["content"]["application/json"]["schema"]
    validate(answer.json(), schema | {"components": description["components"]})
    assert {"401", "403", "404", "409", "412", "422"} <= set(responses)
    broken = answer.json() | {"totals": answer.json()["totals"] | {"total": {"amount": 1.5, "currency": USD}}}
    with pytest.raises(ValidationError):
        validate(broken, schema | {"components": description["components"]})
