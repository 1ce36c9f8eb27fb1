"""Shipping rates over HTTP."""

from __future__ import annotations

import httpx

RATE = {
    "name": "Standard",
    "currency": "PLN",
    "countries": ["PL"],
    "brackets": [{"up_to_grams": 500, "amount": 490}, {"amount": 1490}],
}


async def test_a_shipping_rate_is_added_changed_listed_and_removed(admin: httpx.AsyncClient) -> None:
    answer = await admin.post("/v1/shipping-rates", json=RATE)
    assert answer.status_code == 201, answer.text
    rate = answer.json()
    assert answer.headers["ETag"] == f'"{rate["version"]}"'
    assert rate["brackets"] == [
        {"up_to_grams": 500, "amount": 490},
        {"up_to_grams": None, "amount": 1490},
    ]
    path = f"/v1/shipping-rates/{rate['rate_id']}"
    stale = {"If-Match": '"0"'}
    assert (await admin.patch(path, json={"max_days": 4}, headers=stale)).status_code == 412
    changed = (await admin.patch(path, json={"max_days": 4, "free_from": 10_000})).json()
    assert {**changed, "version": 0} == {**rate, "max_days": 4, "free_from": 10_000, "version": 0}
    assert (await admin.get(path)).json() == changed
    listed = (await admin.get("/v1/shipping-rates?limit=100")).json()["items"]
    assert changed in listed

    assert (await admin.delete(path)).status_code == 204
    missing = await admin.get(path)
    assert (missing.status_code, missing.json()["code"]) == (404, "SHIPPING_RATE_NOT_FOUND")
    assert (await admin.delete(path)).status_code == 404


async def test_what_contradicts_itself_is_refused_with_its_place(admin: httpx.AsyncClient) -> None:
    brackets = [{"amount": 490}, {"up_to_grams": 500, "amount": 1490}]
    refused = await admin.post("/v1/shipping-rates", json={**RATE, "brackets": brackets})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "#/brackets/0/up_to_grams"
