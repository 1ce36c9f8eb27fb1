"""Promotions of all kinds over HTTP: what quotes give for them, searches, and how many may be automatic."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.integration.offer.conftest import caller
from tests.integration.offer.products import on_sale
from tests.integration.offer.test_offers_over_http import created_offer
from tests.support.single_service import RunningService
from tests.support.waiting import until

AT_ONCE = 64
MOST_AUTOMATIC = 100
CURRENCY = "CAD"
STACKABLE = {"mode": "stackable"}


async def product(admin: httpx.AsyncClient, amount: int, **other: Any) -> str:
    prices = [{"amount": amount, "currency": CURRENCY}]
    return str(await on_sale(admin, prices=prices, type="digital_product", **other))


async def promotion(admin: httpx.AsyncClient, **terms: Any) -> dict[str, Any]:
    answer = await admin.post("/v1/promotions", json={"stacking": STACKABLE, **terms})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def code(admin: httpx.AsyncClient, **terms: Any) -> str:
    return str((await promotion(admin, code=f"C-{uuid4()}", **terms))["code"])


async def quote(admin: httpx.AsyncClient, *lines: tuple[str, int], **other: Any) -> dict[str, Any]:
    """``lines``: products and quantities."""
    wanted = [{"product_id": product_id, "quantity": quantity} for product_id, quantity in lines]
    answer = await admin.post("/v1/quotes", json={"currency": CURRENCY, "lines": wanted, **other})
    assert answer.status_code == 200, answer.text
    priced: dict[str, Any] = answer.json()
    return priced


def shares(quoted: dict[str, Any]) -> dict[str, int]:
    (discount,) = quoted["discounts"]
    return {line_id: share["amount"] for line_id, share in discount["allocation"].items()}


def total(quoted: dict[str, Any]) -> int:
    return int(quoted["totals"]["total"]["amount"])


async def test_e26_volume_by_quantity(admin: httpx.AsyncClient) -> None:
    pens = await product(admin, 1250)
    tiers = [{"from": 3, "percent": 5}, {"from": 5, "percent": 10}, {"from": 10, "percent": 15}]
    volume = await code(admin, kind="volume", rule={"basis": "quantity", "tiers": tiers})
    assert total(await quote(admin, (pens, 4), codes=[volume])) == 5000 - 250
    (rejected,) = (await quote(admin, (pens, 2), codes=[volume]))["rejected"]
    assert (rejected["code"], rejected["reason"]) == (volume, "conditions_not_met")


async def test_e31_half_of_a_mouse_with_a_laptop(admin: httpx.AsyncClient) -> None:
    laptop, mouse = await product(admin, 99900), await product(admin, 2599)
    rule = {
        "buy": {"selector": {"product_ids": [laptop]}, "quantity": 1},
        "get": {"selector": {"product_ids": [mouse]}, "quantity": 1},
    }
    half = await code(admin, kind="buy_x_get_y", value=50, rule=rule)
    assert shares(await quote(admin, (laptop, 1), (mouse, 2), codes=[half])) == {"2": 1300}


async def test_e34_a_bundle_for_one_price(admin: httpx.AsyncClient) -> None:
    first, second = await product(admin, 3000), await product(admin, 2000)
    items = [{"selector": {"product_ids": [it]}} for it in (first, second)]
    terms = {"kind": "bundle", "value": 4500, "value_type": "fixed_price", "currency": CURRENCY}
    bundle = await code(admin, **terms, rule={"items": items})
    assert shares(await quote(admin, (first, 2), (second, 3), codes=[bundle])) == {"1": 600, "2": 400}


async def test_e36_upsells_of_an_offer_are_cheaper_together(admin: httpx.AsyncClient) -> None:
    offer = await created_offer(admin, price={"base": {"amount": 9900, "currency": CURRENCY}})
    assert (await admin.post(f"/v1/offers/{offer['offer_id']}/publish")).status_code == 200
    lines: list[dict[str, Any]] = [{"offer_id": offer["offer_id"], "quantity": 1}]
    for list_price, off in ((1999, 200), (999, 100)):
        bump = await admin.post(
            f"/v1/offers/{offer['offer_id']}/order-bumps",
            json={
                "product_id": await product(admin, list_price),
                "name": "More",
                "discount": {"type": "fixed_amount", "value": off},
            },
        )
        assert bump.status_code == 201, bump.text
        lines.append({"upsell_id": bump.json()["upsell_id"], "quantity": 1})
    ten = await code(admin, kind="multi_upsell", value=10)
    answer = await admin.post("/v1/quotes", json={"currency": CURRENCY, "lines": lines, "codes": [ten]})
    assert answer.status_code == 200, answer.text
    assert shares(answer.json()) == {"2": 180, "3": 90}


@pytest.fixture
async def post_to_canada(admin: httpx.AsyncClient) -> AsyncIterator[None]:
    """While a tenant has a rate, its goods are sold only to places that one ships to."""
    rate = {
        "name": "Post",
        "currency": CURRENCY,
        "countries": ["CA"],
        "brackets": [{"up_to_grams": 500, "amount": 490}, {"up_to_grams": None, "amount": 1490}],
    }
    made = await admin.post("/v1/shipping-rates", json=rate)
    assert made.status_code == 201, made.text
    yield
    removed = await admin.delete(f"/v1/shipping-rates/{made.json()['rate_id']}")
    assert removed.is_success, removed.text


@pytest.mark.usefixtures("post_to_canada")
async def test_e41_free_shipping(admin: httpx.AsyncClient) -> None:
    prices = [{"amount": 5000, "currency": "CAD"}]
    mug = str(await on_sale(admin, prices=prices, weight_grams=400))
    free, there = await code(admin, kind="free_shipping"), {"destination": {"country": "CA"}}
    charged = await quote(admin, (mug, 1), **there)
    assert (charged["shipping"]["price"]["amount"], total(charged)) == (490, 5490)
    gratis = await quote(admin, (mug, 1), codes=[free], **there)
    assert (shares(gratis), total(gratis)) == ({"shipping": 490}, 5000)
    assert gratis["totals"]["discount"]["amount"] == 0
    (idle,) = (await quote(admin, (mug, 1), codes=[free]))["rejected"]
    assert idle["reason"] == "no_effect"
    wrong = {**there, "shipping_option_id": str(uuid4()), "currency": CURRENCY}
    refused = await admin.post("/v1/quotes", json={**wrong, "lines": [{"product_id": mug, "quantity": 1}]})
    assert (refused.status_code, refused.json()["code"]) == (422, "SHIPPING_OPTION_NOT_AVAILABLE")
    unserved = {"destination": {"country": "FR"}, "currency": CURRENCY}
    refused = await admin.post("/v1/quotes", json={**unserved, "lines": [{"product_id": mug, "quantity": 1}]})
    assert (refused.status_code, refused.json()["code"]) == (422, "SHIPPING_OPTION_NOT_AVAILABLE")


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [
        ({"kind": "volume"}, "#/rule/basis"),
        ({"kind": "volume", "value": 5, "rule": {}}, "#/value"),
        ({"kind": "bundle", "value": 5, "rule": {"items": [{"selector": {}}]}}, "#/rule/items"),
        ({"kind": "multi_upsell", "value": 500, "value_type": "fixed_amount"}, "#/currency"),
        ({"kind": "percentage", "value": 5, "rule": {"x": 1}}, "#/rule"),
    ],
)
async def test_terms_that_break_a_rule_of_their_kind_are_refused(
    admin: httpx.AsyncClient, terms: dict[str, Any], pointer: str
) -> None:
    refused = await admin.post("/v1/promotions", json={"stacking": STACKABLE, **terms})
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_REQUEST")
    assert [it["pointer"] for it in refused.json()["errors"]] == [pointer]


async def test_promotions_are_found_by_what_is_known_of_them(admin: httpx.AsyncClient) -> None:
    name = f"Frühling {uuid4().hex}"
    word = name.split()[1]
    percent = await promotion(admin, code=f"A-{uuid4()}", kind="percentage", value=5, name=name)
    amount = {"kind": "fixed_amount", "value": 5, "currency": CURRENCY}
    fixed = await promotion(admin, code=f"B-{uuid4()}", name=name, **amount)
    off = await admin.post(f"/v1/promotions/{fixed['promotion_id']}/disable")
    assert off.status_code == 200

    async def found(**query: Any) -> list[str]:
        page = (await admin.get("/v1/promotions", params=query)).json()
        return [it["promotion_id"] for it in page["items"]]

    first, second = percent["promotion_id"], fixed["promotion_id"]
    assert await found(code=percent["code"].lower()) == [first]

    async def are_found() -> bool:
        return await found(q=f"fruh {word[:8]}", status="disabled") == [second]

    await until(are_found)
    assert await found(q=f"fruh {word[:8]}") == [first, second]
    assert await found(q=word, kind="fixed_amount") == [second]
    assert await found(q=word, kind=["fixed_amount", "percentage"]) == [first, second]
    assert await found(q=word, status="active") == [first]
    assert await found(q=word, automatic="true") == []
    assert await found(q=word, code=[fixed["code"], "NONE"]) == [second]
    assert await found(q=word, code="NONE") == []
    assert await found(code=[percent["code"], fixed["code"]]) == [first, second]
    campaign = await admin.post("/v1/campaigns", json={"name": "Spring", "promotion_ids": [first]})
    assert campaign.status_code == 201, campaign.text
    campaign_id = campaign.json()["campaign_id"]

    async def is_of_the_campaign() -> bool:
        return await found(campaign_id=campaign_id) == [first]

    await until(is_of_the_campaign)
    assert await found(q=word, campaign_id=campaign_id, kind="fixed_amount") == []


async def test_pages_of_a_search_hold_each_promotion_once(
    admin: httpx.AsyncClient,
) -> None:
    word = uuid4().hex
    lines = [
        {"code": f"{word}-{it}", "name": word, "kind": "percentage", "value": 5, "stacking": STACKABLE}
        for it in range(60)
    ]
    sent = await admin.post(
        "/v1/imports/promotions",
        content="\n".join(map(json.dumps, lines)),
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert (sent.status_code, sent.json()["created"]) == (200, 60), sent.text
    made = [it["id"] for it in sent.json()["report"]]

    async def all_pages() -> list[str]:
        found: list[str] = []
        query: dict[str, Any] = {"q": word, "limit": 25}
        while True:
            page = (await admin.get("/v1/promotions", params=query)).json()
            found += [it["promotion_id"] for it in page["items"]]
            if page["next_cursor"] is None:
                return found
            query["cursor"] = page["next_cursor"]

    async def are_found() -> bool:
        return await all_pages() == sorted(made)

    await until(are_found)


async def test_of_64_automatic_promotions_at_once_as_many_are_made_as_there_are_places(
    replicas: list[RunningService],
) -> None:
    terms = {"kind": "percentage", "value": 1, "conditions": {"categories": ["none"]}, "stacking": STACKABLE}
    async with caller(replicas[0], "rival-admin") as one, caller(replicas[1], "rival-admin") as other:
        made = [await one.post("/v1/promotions", json=terms) for _ in range(MOST_AUTOMATIC - AT_ONCE // 2)]
        rest = await asyncio.gather(
            *((one, other)[it % 2].post("/v1/promotions", json=terms) for it in range(AT_ONCE))
        )
        assert Counter(it.status_code for it in rest) == {201: AT_ONCE // 2, 409: AT_ONCE // 2}
        assert {it.json()["code"] for it in rest if it.status_code == 409} == {
            "TOO_MANY_AUTOMATIC_PROMOTIONS"
        }
        ids = [UUID(it.json()["promotion_id"]) for it in (*made, *rest) if it.status_code == 201]
        assert len(ids) == MOST_AUTOMATIC
        ends = await asyncio.gather(*(one.post(f"/v1/promotions/{it}/disable") for it in ids))
        assert {it.status_code for it in ends} == {200}
        again = await one.post("/v1/promotions", json=terms)
        assert again.status_code == 201
        await one.post(f"/v1/promotions/{again.json()['promotion_id']}/disable")
