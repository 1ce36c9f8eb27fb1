"""What shipping costs in a cart, over HTTP: the worked examples of the specification."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from contracts import offer, product, promotion, shipping_rate
from tests.integration.cart.kafka_client import KafkaClient
from tests.integration.cart.test_carts_over_http import add_item, new_cart

TENANT = "rival"
"""A rate changes what a checkout needs: the other tests' tenant has none."""
BRACKETS = (
    shipping_rate.Bracket(up_to_grams=500, amount=490),
    shipping_rate.Bracket(up_to_grams=2000, amount=790),
    shipping_rate.Bracket(amount=1490),
)


@pytest.fixture
async def standard(kafka: KafkaClient, rival: httpx.AsyncClient) -> AsyncIterator[UUID]:
    """The rate of the examples, known to the cart."""
    rates, rate_id = uuid4(), uuid4()
    details = shipping_rate.ShippingRateDetails(name="Standard", currency="USD", brackets=BRACKETS)
    await kafka.publish(shipping_rate.Set, rates, TENANT, rate_id=rate_id, details=details)
    cart_id = await shipped(rival, [(await goods(kafka, 500, 400), 1)])
    path = f"/v1/carts/{cart_id}/shipping-options"
    async with asyncio.timeout(20):
        while not (await rival.get(path)).json()["options"]:  # noqa: ASYNC110  # in another process
            await asyncio.sleep(0.05)
    yield rate_id
    await kafka.publish(shipping_rate.Removed, rates, TENANT, rate_id=rate_id)


async def goods(kafka: KafkaClient, price: int, grams: int) -> UUID:
    product_id = uuid4()
    details = product.Details(
        sku=str(product_id),
        name="Mug",
        type="physical_product",
        prices=(product.Price(amount=price, currency="USD"),),
        weight_grams=grams,
    )
    await kafka.publish(product.Created, product_id, TENANT, details=details, status="active")
    return product_id


async def an_offer(kafka: KafkaClient, base: int, grams: int, threshold: int = 10_000) -> UUID:
    offer_id, product_id = uuid4(), await goods(kafka, base, grams)
    details = offer.OfferDetails(
        slug=f"offer-{offer_id}",
        name="Kit",
        type="physical_product",
        products=(offer.Component(product_id=product_id, position=0),),
        price=offer.OfferPrice(currency="USD", base=base),
        shipping=offer.OfferShipping(requires_shipping=True, free_shipping_threshold=threshold),
    )
    await kafka.publish(offer.Created, offer_id, TENANT, details=details)
    await kafka.publish(offer.Published, offer_id, TENANT)
    return offer_id


async def shipped(
    shop: httpx.AsyncClient, products: list[tuple[UUID, int]], offers: tuple[UUID, ...] = ()
) -> str:
    """A cart that goes to Portugal."""
    cart_id = str((await new_cart(shop))["cart_id"])
    for offer_id in offers:
        body = {"offer_id": str(offer_id), "quantity": 1}
        assert (await shop.post(f"/v1/carts/{cart_id}/items", json=body)).status_code == 200
    for product_id, quantity in products:
        assert (await add_item(shop, cart_id, product_id, quantity)).status_code == 200
    assert (
        await shop.put(f"/v1/carts/{cart_id}/shipping-address", json={"country": "PT"})
    ).status_code == 200
    return cart_id


async def with_code(
    kafka: KafkaClient, shop: httpx.AsyncClient, cart_id: str, **terms: Any
) -> dict[str, Any]:
    code = f"CODE-{uuid4().hex[:8]}"
    all_terms = promotion.Terms.model_validate({"code": code, "value": "0", **terms})
    await kafka.publish(promotion.Created, uuid4(), TENANT, terms=all_terms)
    answer = await shop.post(f"/v1/carts/{cart_id}/discounts", json={"code": code})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def amounts(shop: httpx.AsyncClient, cart_id: str) -> tuple[int, int]:
    totals = (await shop.get(f"/v1/carts/{cart_id}")).json()["totals"]
    return totals["shipping"]["amount"], totals["total"]["amount"]


async def test_e39_an_offer_ships_free_from_its_threshold_after_discounts(
    kafka: KafkaClient, rival: httpx.AsyncClient, standard: UUID
) -> None:
    below = await shipped(rival, [], (await an_offer(kafka, 9999, 400),))
    assert await amounts(rival, below) == (490, 10_489)
    at = await shipped(rival, [], (await an_offer(kafka, 10_000, 400),))
    assert await amounts(rival, at) == (0, 10_000)
    one_off = {"kind": "fixed_amount", "value": "1", "currency": "USD"}
    cart = await with_code(kafka, rival, at, **one_off)
    assert cart["shipping"]["option_id"] == str(standard)
    assert (cart["totals"]["shipping"]["amount"], cart["totals"]["total"]["amount"]) == (490, 10_489)


async def test_e40_the_weight_of_what_does_not_ship_free_is_charged(
    kafka: KafkaClient, rival: httpx.AsyncClient, standard: UUID
) -> None:
    three = await shipped(rival, [(await goods(kafka, 100, 400), 3)])
    assert (await amounts(rival, three))[0] == 790
    kit, mug = await an_offer(kafka, 9000, 1800), await goods(kafka, 2000, 450)
    both = await shipped(rival, [(mug, 1)], (kit,))
    assert await amounts(rival, both) == (490, 11_490)


async def test_e41_shipping_may_be_discounted(
    kafka: KafkaClient, rival: httpx.AsyncClient, standard: UUID
) -> None:
    async def of_5000() -> str:
        return await shipped(rival, [(await goods(kafka, 5000, 400), 1)])

    cart = await with_code(kafka, rival, await of_5000(), kind="free_shipping")
    totals = cart["totals"]
    assert (totals["shipping"]["amount"], totals["discount"]["amount"]) == (0, 0)
    (discount,) = cart["discounts"]
    assert {name: share["amount"] for name, share in discount["allocation"].items()} == {"shipping": 490}
    capped = {"kind": "free_shipping", "stacking": {"mode": "stackable", "cap": 300}}
    cart = await with_code(kafka, rival, await of_5000(), **capped)
    assert cart["totals"]["shipping"]["amount"] == 190
    cart_id = await of_5000()
    best_of = {"stacking": {"mode": "best_of"}}
    await with_code(kafka, rival, cart_id, kind="percentage", **{"value": "5"} | best_of)
    cart = await with_code(kafka, rival, cart_id, kind="free_shipping", **best_of)
    assert [it["kind"] for it in cart["discounts"] if it["status"] == "applied"] == ["free_shipping"]
    no_shipping = str((await new_cart(rival))["cart_id"])
    await add_item(rival, no_shipping, await goods(kafka, 5000, 400))
    cart = await with_code(kafka, rival, no_shipping, kind="free_shipping")
    (idle,) = cart["discounts"]
    assert (idle["status"], idle["amount"]["amount"]) == ("not_applied", 0)
