"""Files of products, stock, prices and promotions, and changes of many prices, over HTTP."""

from __future__ import annotations

import signal
from collections import Counter
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import orjson
import pytest

from devstack.databases import Database
from tests.integration.offer.conftest import caller
from tests.integration.offer.products import on_sale, product_body, stock
from tests.support.cut_off import NO_BROKER
from tests.support.single_service import running_service
from tests.support.waiting import until

CSV, NDJSON = "text/csv", "application/x-ndjson"
FACTS = (
    "SELECT count(*) FROM log WHERE type LIKE 'product.%' AND position(convert_to($1, 'UTF8') IN body) > 0"
)


async def imported(
    client: httpx.AsyncClient, kind: str, content: str, media_type: str = CSV, **params: str
) -> dict[str, Any]:
    response = await client.post(
        f"/v1/imports/{kind}", content=content.encode(), headers={"Content-Type": media_type}, params=params
    )
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def outcomes(found: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(it["outcome"], it["code"]) for it in found["report"]]


async def test_products_are_created_changed_and_left_alone_by_sku(admin: httpx.AsyncClient) -> None:
    name = f"I-{uuid4()}"
    header = "sku,name,type,prices,collections,brand\n"
    price = '"[{""amount"": 900, ""currency"": ""EUR""}]"'
    file = header + "".join(
        [
            f'{name}-1,"Mug, blue",physical_product,{price},spring;blue,Acme\n',
            f"{name}-2,,physical_product,,,\n",
            f"{name}-1,Again,physical_product,,,\n",
            f"{name}-3,Course,course,,,\n",
        ]
    )
    preview = await imported(admin, "products", file, dry_run="true")
    assert preview["import_id"] is None
    first = await imported(admin, "products", file)
    assert outcomes(first) == outcomes(preview)
    assert outcomes(first) == [
        ("created", None),
        ("failed", "INVALID_REQUEST"),
        ("failed", "DUPLICATE_KEY"),
        ("created", None),
    ]
    assert [it["line"] for it in first["report"]] == [2, 3, 4, 5]
    assert first["report"][1]["pointer"] == "#/name"
    shown = (await admin.get(f"/v1/products/{first['report'][0]['id']}")).json()
    assert (shown["name"], shown["collections"]) == ("Mug, blue", ["spring", "blue"])

    again = await imported(admin, "products", file)
    assert [it for it, _ in outcomes(again)] == ["unchanged", "failed", "failed", "unchanged"]
    changed = await imported(
        admin, "products", orjson.dumps({"sku": f"{name}-1", "brand": None}).decode(), NDJSON
    )
    assert outcomes(changed) == [("changed", None)]
    shown = (await admin.get(f"/v1/products/{first['report'][0]['id']}")).json()
    assert (shown["brand"], shown["name"], shown["version"]) == (None, "Mug, blue", 2)


async def test_stock_and_prices_are_set_by_sku(admin: httpx.AsyncClient) -> None:
    body = product_body()
    product_id = (await admin.post("/v1/products", json=body)).json()["product_id"]
    sku = body["sku"]
    counted = f"sku,on_hand,allow_backorders\n{sku},12,true\nno such sku,1,false\n"
    assert outcomes(await imported(admin, "stock", counted)) == [
        ("created", None),
        ("failed", "PRODUCT_NOT_FOUND"),
    ]
    assert outcomes(await imported(admin, "stock", counted))[0] == ("unchanged", None)
    assert (await stock(admin, product_id))["on_hand"] == 12

    prices = (
        "sku,currency,amount,segment,min_quantity\n"
        f"{sku},USD,2099,,\n{sku},USD,1800,vip,\n{sku},USD,1700,,10\n{sku},XTS,1,,\n"
    )
    assert outcomes(await imported(admin, "prices", prices)) == [
        ("changed", None),
        ("created", None),
        ("created", None),
        ("failed", "INVALID_REQUEST"),
    ]
    gone = f"sku,currency,segment,amount\n{sku},USD,vip,\n"
    assert outcomes(await imported(admin, "prices", gone)) == [("changed", None)]
    shown = (await admin.get(f"/v1/products/{product_id}")).json()
    assert [(it["amount"], it["segment"]) for it in shown["prices"]] == [(2099, None)]
    assert [(it["amount"], it["min_quantity"]) for it in shown["tiers"]] == [(1700, 10)]
    assert shown["version"] == 3


async def test_promotions_are_imported_by_code(admin: httpx.AsyncClient) -> None:
    code = f"I-{uuid4()}"
    line = {"code": code, "kind": "percentage", "value": 10, "limits": {"total": 1}}
    text = orjson.dumps(line).decode()
    assert outcomes(await imported(admin, "promotions", text, NDJSON)) == [("created", None)]
    assert outcomes(await imported(admin, "promotions", text, NDJSON)) == [("unchanged", None)]
    other = orjson.dumps({"code": code.lower(), "value": 12.5}).decode()
    assert outcomes(await imported(admin, "promotions", other, NDJSON)) == [("changed", None)]
    wrong = orjson.dumps({"code": f"{code}-2", "kind": "percentage", "value": 101}).decode()
    assert outcomes(await imported(admin, "promotions", wrong, NDJSON)) == [("failed", "INVALID_REQUEST")]


@pytest.mark.parametrize(
    ("media_type", "content", "status"),
    [
        ("application/json", "{}", 415),
        ("text/plain", "a", 415),
        (CSV, "sku,colour\na,b\n", 422),
        (CSV, "", 422),
        (CSV, "sku,name\n" + "a,b\n" * 5_001, 422),
    ],
)
async def test_a_file_that_is_none_is_refused_as_a_whole(
    admin: httpx.AsyncClient, media_type: str, content: str, status: int
) -> None:
    headers = {"Content-Type": media_type}
    refused = await admin.post("/v1/imports/products", content=content.encode(), headers=headers)
    assert refused.status_code == status, refused.text


async def test_a_repeated_request_with_its_key_gets_the_first_report(admin: httpx.AsyncClient) -> None:
    sku = f"I-{uuid4()}"
    headers = {"Content-Type": NDJSON, "Idempotency-Key": uuid4().hex}
    line = orjson.dumps({"sku": sku, "name": "It", "type": "service"})
    first = await admin.post("/v1/imports/products", content=line, headers=headers)
    again = await admin.post("/v1/imports/products", content=line, headers=headers)
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (first.json(), "true")


async def test_after_a_crash_between_two_groups_a_repetition_leaves_each_line_once(
    database: Database, admin: httpx.AsyncClient
) -> None:
    name = f"crash-{uuid4()}"
    file = "sku,name,type\n" + "".join(f"{name}-{it},It,service\n" for it in range(700))
    headers = {"Content-Type": CSV, "Idempotency-Key": uuid4().hex}
    settings = {**NO_BROKER, "FEIRA_FAILPOINTS": "http.between_saves=kill"}
    async with (
        running_service("offer", database, settings, once="/livez") as replica,
        caller(replica, "demo-admin") as client,
    ):
        with pytest.raises(httpx.TransportError):
            await client.post("/v1/imports/products", content=file.encode(), headers=headers)
        assert await replica.process.wait() == -signal.SIGKILL
    assert await _facts_about(database, name) == 500

    response = await admin.post("/v1/imports/products", content=file.encode(), headers=headers)

    counts = Counter(it["outcome"] for it in response.json()["report"])
    assert counts == {"unchanged": 500, "created": 200}
    assert await _facts_about(database, name) == 700


async def test_e6_a_percentage_is_rounded_to_a_multiple(admin: httpx.AsyncClient) -> None:
    prices = [{"amount": 1999, "currency": "USD"}, {"amount": 1999, "currency": "USD", "segment": "vip"}]
    product = str(await on_sale(admin, prices=prices))
    change = {
        "where": {"product_ids": [product]},
        "currency": "USD",
        "change": {"type": "percentage", "value": 7.5},
        "round_to": 10,
    }
    preview = (await admin.post("/v1/price-changes", json={**change, "dry_run": True})).json()
    headers = {"Idempotency-Key": uuid4().hex}
    response = await admin.post("/v1/price-changes", json=change, headers=headers)
    assert response.status_code == 200, response.text
    assert response.json()["items"] == [{"product_id": product, "old": 1999, "new": 2150}]
    assert {**response.json(), "price_change_id": None} == preview
    again = await admin.post("/v1/price-changes", json=change, headers=headers)
    assert again.headers["Idempotent-Replayed"] == "true"
    shown = (await admin.get(f"/v1/products/{product}")).json()
    assert [it["amount"] for it in shown["prices"]] == [2150, 1999]


async def test_after_a_crash_between_two_groups_no_price_changes_twice(
    database: Database, admin: httpx.AsyncClient
) -> None:
    brand = f"brand-{uuid4()}"
    price = '[{"amount": 1000, "currency": "CHF"}]'
    lines = (
        f'{{"sku": "{brand}-{it}", "name": "It", "type": "service", "brand": "{brand}", "prices": {price}}}\n'
        for it in range(600)
    )
    await imported(admin, "products", "".join(lines), NDJSON)
    await until(lambda: _lists(admin, brand, 600))
    change = {
        "where": {"brand": brand},
        "currency": "CHF",
        "change": {"type": "percentage", "value": 10},
    }
    headers = {"Idempotency-Key": uuid4().hex}
    settings = {**NO_BROKER, "FEIRA_FAILPOINTS": "http.between_saves=kill@2"}
    async with (
        running_service("offer", database, settings, once="/livez") as replica,
        caller(replica, "demo-admin") as client,
    ):
        with pytest.raises(httpx.TransportError):
            await client.post("/v1/price-changes", json=change, headers=headers)
        assert await replica.process.wait() == -signal.SIGKILL

    found = (await admin.post("/v1/price-changes", json=change, headers=headers)).json()

    assert (found["matched"], found["changed"], found["unchanged"]) == (600, 600, 0)
    await until(lambda: _lists(admin, brand, 600, currency="CHF", price_min="1100", price_max="1100"))


async def _lists(admin: httpx.AsyncClient, brand: str, count: int, **filters: str) -> bool:
    found = 0
    cursor: dict[str, str] = {}
    while True:
        params = {"brand": brand, "limit": "100", **filters, **cursor}
        page = (await admin.get("/v1/products", params=params)).json()
        found += len(page["items"])
        if page["next_cursor"] is None:
            return found == count
        cursor = {"cursor": page["next_cursor"]}


async def _facts_about(database: Database, sku: str) -> int:
    connection = await asyncpg.connect(database.owner_url)
    try:
        found: int = await connection.fetchval(FACTS, sku)
        return found
    finally:
        await connection.close()
