"""From facts on Kafka to read models over HTTP."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from projections.models.registry import REGISTRY
from tests.integration.projections.conftest import Reader
from tests.integration.projections.questions.asking import interval
from tests.support.parts import Parts
from tests.support.purchases import PRODUCTS, Happening, Purchase

Publish = Callable[[Iterable[Happening]], Awaitable[None]]
Caller = Callable[[str], httpx.AsyncClient]


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


async def test_purchases_are_counted_and_a_redelivery_changes_nothing(
    reader: Reader, publish: Publish
) -> None:
    day, next_day = datetime(2001, 3, 4, 15, tzinfo=UTC), datetime(2001, 3, 5, 1, tzinfo=UTC)
    mug = Purchase(1, day, (("mug", 2, 2000),)).bought()
    both = Purchase(2, day, (("mug", 1, 1001), ("cap", 1, 500))).bought()
    failed = Purchase(3, day).begin().lock().compensate("lock_cart").fail("authorize_payment", "NO")
    later = Purchase(4, next_day, (("cap", 1, 500),)).bought()
    facts = [it for purchase in (mug, both, failed, later) for it in purchase.happened]
    march = {"from": "2001-03-01", "to": "2001-03-31"}
    await publish(facts)
    before = await reader.caught_up()
    first = await _figures(reader, march)
    assert first["conversion"] == [
        {
            "day": "2001-03-05",
            "currency": "USD",
            "checkouts": 1,
            "completed": 1,
            "rate": 1.0,
            **interval("rate", 0.20655, 1.0),
            "revenue": usd(500),
            "average_order_value": usd(500),
        },
        {
            "day": "2001-03-04",
            "currency": "USD",
            "checkouts": 3,
            "completed": 2,
            "rate": 2 / 3,
            **interval("rate", 0.20766, 0.93851),
            "revenue": usd(3501),
            "average_order_value": usd(1751),
        },
    ]
    assert [(it["sku"], it["times_sold"], it["quantity"]) for it in first["products"]] == [
        ("mug", 2, 3),
        ("cap", 2, 2),
    ]
    assert first["products"][0] == {
        "product_id": str(PRODUCTS["mug"]),
        "sku": "mug",
        "name": "Mug",
        "currency": "USD",
        "times_sold": 2,
        "quantity": 3,
        "revenue": usd(3001),
        "average_item_value": usd(1000),
    }
    operations = first["operations"]
    assert operations["failures"] == [{"phase": "authorize_payment", "code": "NO", "count": 1}]
    assert operations["compensations"] == [{"step": "lock_cart", "count": 1}]
    assert operations["in_flight"] == 0
    assert operations["duration_ms"]["p50"] is not None

    await publish(facts)
    after = await reader.caught_up()
    assert await _figures(reader, march) == first
    assert [it["applied"] for it in after] == [it["applied"] for it in before]
    positions = [sum(sum(it["position"].values()) for it in found) for found in (before, after)]
    assert positions[0] < positions[1]


async def _figures(reader: Reader, days: dict[str, str]) -> dict[str, Any]:
    return {
        "conversion": await reader.items("analytics/conversion", **days),
        "products": await reader.items("analytics/products", **days),
        "operations": await reader.get("analytics/checkout-operations", **days),
    }


async def test_the_pages_of_a_list_add_up_to_the_whole_list(reader: Reader, publish: Publish) -> None:
    days = [datetime(2002, 5, day, tzinfo=UTC) for day in range(1, 8)]
    purchases = [
        Purchase(100 + n, day, (("mug", 1, 10), ("cap", 1, 20), ("pen", 1, 20))).bought()
        for n, day in enumerate(days)
    ]
    await publish(it for purchase in purchases for it in purchase.happened)
    await reader.caught_up()
    for path, size in (("analytics/conversion", 7), ("analytics/products", 3)):
        query = {"from": "2002-05-01", "to": "2002-05-07"}
        whole = await reader.items(path, **query)
        assert len(whole) == size
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = await reader.get(path, **query, limit="2", **cursor)
            found += page["items"]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert found == whole


async def test_pages_by_revenue_skip_and_repeat_nothing_while_sales_continue(
    reader: Reader, publish: Publish
) -> None:
    day = datetime(2002, 6, 1, tzinfo=UTC)
    await publish(Purchase(150, day, (("mug", 1, 30), ("cap", 1, 20), ("pen", 1, 10))).bought().happened)
    await reader.caught_up()
    query = {"from": "2002-06-01", "to": "2002-06-01", "limit": "1"}
    found: list[tuple[str, int, int]] = []
    cursor: dict[str, str] = {}
    for number, rises in enumerate(("pen", "mug", "cap")):
        page = await reader.get("analytics/products", **query, **cursor)
        found += [(it["sku"], it["revenue"]["amount"], it["quantity"]) for it in page["items"]]
        cursor = {"cursor": page["next_cursor"]}
        await publish(Purchase(151 + number, day, ((rises, 1, 100),)).bought().happened)
        await reader.caught_up()
    assert found == [("mug", 30, 1), ("cap", 20, 1), ("pen", 10, 1)]
    assert cursor == {"cursor": None}


@pytest.mark.parametrize(
    "cursor",
    [
        ["1:2:", "2026-01-01T00:00:00", 1, str(UUID(int=0)), "USD"],
        ["1:2:", "2026-01-01T00:00:00Z", 1, str(UUID(int=0)), "USD"],
        ["not a snapshot", "2200-01-01T00:00:00Z", 1, str(UUID(int=0)), "USD"],
        [1, str(UUID(int=0)), "USD"],
    ],
)
async def test_a_cursor_that_is_too_old_or_forged_is_refused(caller: Caller, cursor: list[Any]) -> None:
    encoded = urlsafe_b64encode(json.dumps(cursor).encode()).decode().rstrip("=")
    refused = await caller("demo-analyst").get("/v1/analytics/products", params={"cursor": encoded})
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["pointer"] == "#/cursor"


async def test_an_open_checkout_is_in_flight_and_an_old_one_is_stuck(
    reader: Reader, publish: Publish
) -> None:
    day = datetime(2003, 1, 1, tzinfo=UTC)
    started_long_ago = Purchase(200, day).begin().lock()
    with_operator = Purchase(201, day).begin().ask_operator("capture_payment")
    await publish([*started_long_ago.happened, *with_operator.happened])
    await reader.caught_up()
    operations = await reader.get(
        "analytics/checkout-operations", **{"from": "2003-01-01", "to": "2003-01-01"}
    )
    assert (operations["in_flight"], operations["stuck"]) == (2, 2)
    assert operations["oldest_open_seconds"] > 0
    await publish(started_long_ago.fail("lock_cart", "X").happened)
    await reader.caught_up()
    operations = await reader.get(
        "analytics/checkout-operations", **{"from": "2003-01-01", "to": "2003-01-01"}
    )
    assert (operations["in_flight"], operations["stuck"]) == (1, 1)


async def test_a_tenant_reads_only_its_own_figures(caller: Caller, publish: Publish, reader: Reader) -> None:
    day = datetime(2004, 1, 1, tzinfo=UTC)
    await publish(Purchase(300, day, tenant="rival").bought().happened)
    await reader.caught_up()
    query = {"from": "2004-01-01", "to": "2004-01-01"}
    rival = Reader(caller("rival-admin"))
    for path in ("analytics/conversion", "analytics/products"):
        assert len(await rival.items(path, **query)) == 1
        assert await reader.items(path, **query) == []


async def test_each_role_reads_only_what_it_is_allowed_to(caller: Caller) -> None:
    allowed = {
        "analytics/conversion": {"analyst", "admin"},
        "analytics/products": {"analyst", "admin"},
        "analytics/checkout-operations": {"analyst", "admin"},
        "analytics/ledger": {"analyst", "admin"},
        "analytics/dictionary": {"analyst", "admin"},
        "projections": {"analyst", "admin", "ops"},
    }
    for path, roles in allowed.items():
        for role in ("storefront", "service", "analyst", "ops", "admin"):
            status = (await caller(f"demo-{role}").get(f"/v1/{path}")).status_code
            assert status == (200 if role in roles else 403), (path, role)
        assert (await caller("unknown").get(f"/v1/{path}")).status_code == 401


async def test_an_invalid_range_cursor_or_limit_is_refused(caller: Caller) -> None:
    for query in (
        {"from": "yesterday"},
        {"cursor": "x"},
        {"limit": "0"},
        {"from": "2002-01-09", "to": "2002-01-01"},
    ):
        for path in ("conversion", "products", "ledger"):
            response = await caller("demo-analyst").get(f"/v1/analytics/{path}", params=query)
            assert (response.status_code, response.json()["code"]) == (422, "INVALID_REQUEST")


async def test_an_unreadable_fact_is_parked_and_the_others_are_applied(
    reader: Reader, publish: Publish, parts: Parts
) -> None:
    day = datetime(2005, 1, 1, tzinfo=UTC)
    broken, good = Purchase(400, day).begin(), Purchase(401, day).bought()
    fact = broken.happened[0]
    async with AIOKafkaProducer(bootstrap_servers=parts.kafka_bootstrap) as producer:
        await producer.send_and_wait(fact.topic, b"{}", fact.key, headers=fact.headers)
    await publish(good.happened)
    found = {it["name"]: it for it in await reader.caught_up()}
    assert {name: (it["state"], it["parked"]) for name, it in found.items()} == {
        it.name: ("parked", 1) if fact.fact.TYPE in it.types else ("live", 0) for it in REGISTRY.models
    }
    assert len(await reader.items("analytics/conversion", **{"from": "2005-01-01", "to": "2005-01-01"})) == 1
