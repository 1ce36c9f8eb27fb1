"""Offers in carts and flows from outside: offers and upsells in on Kafka, 64 requests at once over HTTP."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import httpx

from contracts import cart as contract
from contracts import offer, product, stock, upsell
from contracts.offer import Component, OfferDetails, OfferPrice, OfferShipping
from tests.integration.cart.kafka_client import KafkaClient

AT_ONCE = 64
USD = "USD"


async def on_sale(kafka: KafkaClient, price: int, kind: str = "physical_product") -> UUID:
    product_id = uuid4()
    details = product.Details(
        sku=str(product_id),
        name="Mug",
        type=kind,
        prices=(product.Price(amount=price, currency=USD),),
        category=f"category-{product_id}",
    )
    await kafka.publish(product.Created, product_id, details=details, status="active")
    return product_id


async def offered(kafka: KafkaClient, base: int, *products: UUID, **details: Any) -> tuple[UUID, str]:
    """A published offer; its id and slug."""
    offer_id = uuid4()
    slug = f"kit-{offer_id}"
    all_details = OfferDetails(
        slug=slug,
        name="Kit",
        type="course",
        products=tuple(Component(product_id=it, position=place) for place, it in enumerate(products)),
        price=OfferPrice(currency=USD, base=base),
        shipping=OfferShipping(requires_shipping=False),
        **details,
    )
    await kafka.publish(offer.Created, offer_id, details=all_details)
    await kafka.publish(offer.Published, offer_id)
    return offer_id, slug


async def proposed(
    kafka: KafkaClient, offer_id: UUID, product_id: UUID, percent: str = "10", **details: Any
) -> UUID:
    upsell_id = uuid4()
    known: dict[str, Any] = {"type": "upsell", "name": "Add it", "product_id": product_id}
    reduction = upsell.Reduction(type="percentage", value=percent)
    all_details = upsell.UpsellDetails(**known | details, discount=reduction)
    await kafka.publish(upsell.Created, upsell_id, offer_id=offer_id, details=all_details)
    return upsell_id


async def from_offer(shop: httpx.AsyncClient, slug: str, session: str, **fields: Any) -> httpx.Response:
    body = {"slug": slug, "session_id": session, **fields}
    return await shop.post("/v1/carts/from-offer", json=body)


async def test_64_calls_from_an_offer_of_a_mug_make_one_cart_with_ten(
    shop: httpx.AsyncClient, kafka: KafkaClient
) -> None:
    _, slug = await offered(kafka, 900, await on_sale(kafka, 1000))
    session = str(uuid4())
    answers = await asyncio.gather(*(from_offer(shop, slug, session) for _ in range(AT_ONCE)))
    assert Counter(it.status_code for it in answers) == {201: 1, 200: 9, 422: 54}
    refusals = {(it.json()["code"], it.json()["fallback_action"]) for it in answers if it.status_code == 422}
    assert refusals == {("MAX_ITEM_QUANTITY_EXCEEDED", "review_cart")}
    (cart_id,) = {it.json()["cart"]["cart_id"] for it in answers if it.status_code != 422}
    (item,) = (await shop.get(f"/v1/carts/{cart_id}")).json()["items"]
    assert (item["quantity"], item["unit_price"]["amount"]) == (10, 900)


async def test_64_calls_from_an_offer_of_a_course_put_it_in_once(
    shop: httpx.AsyncClient, kafka: KafkaClient
) -> None:
    _, slug = await offered(kafka, 900, await on_sale(kafka, 1000, "course"))
    session = str(uuid4())
    answers = await asyncio.gather(*(from_offer(shop, slug, session) for _ in range(AT_ONCE)))
    codes = Counter(it.json().get("code") for it in answers)
    assert codes == {None: 1, "DUPLICATE_COURSE_IN_CART": 63}
    assert Counter(it.status_code for it in answers) == {201: 1, 409: 63}


async def test_64_times_one_step_of_a_flow_has_one_effect_and_64_equal_answers(
    shop: httpx.AsyncClient, kafka: KafkaClient
) -> None:
    mug, book = await on_sale(kafka, 1000), await on_sale(kafka, 1999)
    offer_id, slug = await offered(kafka, 900, mug)
    upsell_id = await proposed(kafka, offer_id, book)
    begun = await shop.post("/v1/flows", json={"slug": slug, "session_id": str(uuid4())})
    assert begun.status_code == 201, begun.text
    path = f"/v1/flows/{begun.json()['flow_id']}/steps"
    choices: list[tuple[str, dict[str, Any]]] = [
        ("user_preferences", {"experience_level": "beginner"}),
        ("package_selection", {"offer_id": str(offer_id)}),
        ("upsell_selection", {"accepted": [str(upsell_id)], "declined": []}),
        ("review", {}),
    ]
    for step, data in choices:
        body = {"step": step, "data": data}
        at_once = AT_ONCE if step in {"package_selection", "upsell_selection"} else 2
        answers = await asyncio.gather(*(shop.post(path, json=body) for _ in range(at_once)))
        assert Counter(it.status_code for it in answers) == {200: at_once}, (step, answers[0].text)
        assert len({it.content for it in answers}) == 1
    review = answers[0].json()["final_review"]
    assert review["totals"]["total"]["amount"] == 900 + 1799
    assert [it["price_source"] for it in review["items"]] == ["offer", "upsell"]
    assert review["derivation"]["amount"]["amount"] == 900 + 1799
    late = await shop.post(path, json={"step": "user_preferences", "data": {}})
    assert (late.status_code, late.json()["code"]) == (409, "FLOW_STEP_OUT_OF_ORDER")
    assert late.json()["current_step"] == "checkout"
    flow_id = UUID(begun.json()["flow_id"])
    await kafka.wait_for(lambda it: it.key == flow_id, count=5)
    assert [it.type for it in kafka.published if it.key == flow_id] == [
        "flow.started",
        *["flow.step_completed"] * 4,
    ]


async def test_the_purchase_of_its_cart_completes_a_flow(shop: httpx.AsyncClient, kafka: KafkaClient) -> None:
    offer_id, slug = await offered(kafka, 900, await on_sale(kafka, 1000))
    begun = (await shop.post("/v1/flows", json={"slug": slug, "session_id": str(uuid4())})).json()
    flow_id, checkout_id, order_id = UUID(begun["flow_id"]), uuid4(), uuid4()
    choices: list[dict[str, Any]] = [
        {"step": "user_preferences", "data": {}},
        {"step": "package_selection", "data": {"offer_id": str(offer_id)}},
    ]
    for choice in choices:
        answer = await shop.post(f"/v1/flows/{flow_id}/steps", json=choice)
        assert answer.status_code == 200, answer.text
    cart_id = UUID(answer.json()["cart_id"])
    await kafka.send(contract.Lock(cart_id=cart_id, checkout_id=checkout_id, step="lock_cart"), cart_id)
    await kafka.wait_for(lambda it: it.type == "cart.locked" and it.key == cart_id)
    convert = contract.Convert(cart_id=cart_id, checkout_id=checkout_id, step="complete", order_id=order_id)
    await kafka.send(convert, cart_id)
    completed = await kafka.wait_for(lambda it: it.type == "flow.completed" and it.key == flow_id)
    assert completed.body == {"order_id": str(order_id)}
    shown = (await shop.get(f"/v1/flows/{flow_id}")).json()
    assert (shown["status"], shown["current_step"], shown["order_id"]) == ("completed", None, str(order_id))
    sold = (await shop.get(f"/v1/carts/{cart_id}", params={"explain": "true"})).json()
    assert sold["derivation"]["how"].endswith("as agreed with the checkout")


async def test_upsells_are_listed_taken_and_declined_and_amounts_are_explained(
    shop: httpx.AsyncClient, kafka: KafkaClient
) -> None:
    mug, book, pen = await on_sale(kafka, 1000), await on_sale(kafka, 1990), await on_sale(kafka, 999)
    offer_id, slug = await offered(kafka, 900, mug)
    wanted = await proposed(kafka, offer_id, book, "15", position="cart_summary")
    unwanted = await proposed(kafka, offer_id, pen)
    made = (await from_offer(shop, slug, str(uuid4()))).json()
    path = f"/v1/carts/{made['cart']['cart_id']}"
    async with asyncio.timeout(30):
        while len((await shop.get(f"{path}/upsells")).json()["items"]) < 2:  # until the copy has them
            pass
    (shown,) = (await shop.get(f"{path}/upsells", params={"position": "cart_summary"})).json()["items"]
    assert (shown["upsell_id"], shown["unit_price"]["amount"], shown["original_price"]["amount"]) == (
        str(wanted),
        1691,
        1990,
    )
    taken = await shop.post(f"{path}/items", json={"upsell_id": str(wanted)})
    assert taken.json()["totals"]["total"]["amount"] == 900 + 1691
    declined = await shop.post(f"{path}/upsells/{unwanted}/decline")
    assert (declined.status_code, declined.json()["downsells"]) == (200, [])
    assert declined.headers["ETag"] == f'"{declined.json()["version"]}"'
    assert (await shop.get(f"{path}/upsells")).json()["items"] == []
    again = await shop.post(f"{path}/items", json={"upsell_id": str(wanted)})
    assert (again.status_code, again.json()["code"]) == (409, "UPSELL_NOT_ELIGIBLE")
    explained = (await shop.get(path, params={"explain": "true"})).json()["derivation"]
    assert explained["amount"]["amount"] == 900 + 1691
    how = [it["how"] for it in explained["children"] if it["name"].startswith("unit price")]
    assert how == ["part of the offer at 900 (base)", "upsell of list price 1990"]


async def test_an_offer_that_is_sold_out_names_others(shop: httpx.AsyncClient, kafka: KafkaClient) -> None:
    mug = await on_sale(kafka, 1000)
    await kafka.publish(stock.Adjusted, uuid4(), product_id=mug, on_hand=0, allow_backorders=False)
    _, slug = await offered(kafka, 900, mug)
    async with asyncio.timeout(30):
        while (answer := await from_offer(shop, slug, str(uuid4()))).status_code != 409:  # until it is copied
            pass
    problem = answer.json()
    assert (problem["code"], problem["reason"], problem["fallback_action"], problem["alternatives"]) == (
        "OFFER_NOT_AVAILABLE",
        "OUT_OF_STOCK",
        "similar_offers",
        [],
    )
    malformed = await shop.post(
        f"/v1/flows/{uuid4()}/steps", json={"step": "checkout", "data": {"checkout_id": "x"}}
    )
    assert malformed.json()["errors"][0]["pointer"] == "#/data/checkout_id"
