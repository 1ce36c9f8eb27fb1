"""Public offers: from memory, with the session's variant, views and exposures stored behind the answers."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from devstack.databases import Database
from tests.integration.offer.conftest import Clock, caller
from tests.integration.offer.products import on_sale
from tests.integration.offer.test_offers_over_http import created_offer
from tests.support.single_service import RunningService
from tests.support.waiting import until

AT_ONCE = 64
OF_OFFER = """
    SELECT type, count(*) FROM log
    WHERE type = ANY($2) AND convert_from(body, 'UTF8')::jsonb ->> 'offer_id' = $1 GROUP BY type
"""
COUNTED = ["offer.viewed", "offer.variant_selected"]


@pytest.fixture
async def log(database: Database) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(database.owner_url)
    yield connection
    await connection.close()


async def published(admin: httpx.AsyncClient, **other: Any) -> dict[str, Any]:
    offer = await created_offer(admin, **other)
    answer = await admin.post(f"/v1/offers/{offer['offer_id']}/publish")
    assert answer.status_code == 200, answer.text
    return offer


async def experiment_on(admin: httpx.AsyncClient, offer_id: str) -> dict[str, Any]:
    variants = [
        {"name": "control", "weight": 1},
        {"name": "b", "weight": 1, "changes": {"price": {"base": 9500}, "name": "Better kit"}},
    ]
    body = {"name": "Price", "variants": variants}
    made = (await admin.post(f"/v1/offers/{offer_id}/experiments", json=body)).json()
    path = f"/v1/offers/{offer_id}/experiments/{made['experiment_id']}"
    started = await admin.post(f"{path}/start")
    assert started.status_code == 200, started.text
    found: dict[str, Any] = started.json()
    return found


async def test_only_a_published_offer_is_shown_and_a_new_price_is_shown_by_all_processes(
    replicas: list[RunningService], admin: httpx.AsyncClient
) -> None:
    draft = await created_offer(admin)
    hidden = await admin.get(f"/v1/public/offers/{draft['slug']}")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "OFFER_NOT_FOUND")
    offer = await published(admin, configuration={"require_immediate_payment": True})
    path = f"/v1/public/offers/{offer['slug']}"
    price = {"base": {"amount": 8000, "currency": "USD"}}
    async with caller(replicas[0], "demo-storefront") as one, caller(replicas[1], "demo-storefront") as two:
        shown = await one.get(path)
        assert shown.json()["price"]["current"] == (await two.get(path)).json()["price"]["current"] == 9900
        assert shown.json()["require_immediate_payment"]
        assert shown.headers["Cache-Control"] == "public, max-age=3600, stale-while-revalidate=60"
        assert shown.headers["Vary"] == "Authorization"
        assert offer["offer_id"] in shown.headers["Surrogate-Key"]
        await admin.put(f"/v1/offers/{offer['offer_id']}/price", json=price)

        async def all_show_it() -> bool:
            answers = [(await it.get(path)).json()["price"]["current"] for it in (one, two)]
            return answers == [8000, 8000]

        await until(all_show_it)
        assert (await one.get(path)).headers["ETag"] != shown.headers["ETag"]
        await admin.post(f"/v1/offers/{offer['offer_id']}/pause")

        async def none_shows_it() -> bool:
            return [(await it.get(path)).status_code for it in (one, two)] == [404, 404]

        await until(none_shows_it)


async def test_who_has_the_page_already_gets_304_until_the_price_changes_and_is_counted_as_a_view(
    replicas: list[RunningService], admin: httpx.AsyncClient, log: asyncpg.Connection[asyncpg.Record]
) -> None:
    offer = await published(admin)
    path = f"/v1/public/offers/{offer['slug']}"
    async with caller(replicas[0], "demo-storefront") as one, caller(replicas[1], "demo-storefront") as two:
        shown = await one.get(path)
        tag = shown.headers["ETag"]
        conditions = [[tag], [f"W/{tag}"], [f'"1", {tag}'], ["*"], ['"1"', tag]]
        for client in (one, two):
            for values in conditions:
                again = await client.get(path, headers=[("If-None-Match", it) for it in values])
                assert (again.status_code, again.content) == (304, b""), values
                kept = ("ETag", "Cache-Control", "Vary", "Surrogate-Key")
                assert [again.headers[it] for it in kept] == [shown.headers[it] for it in kept]
        assert (await one.get(path, headers={"If-None-Match": '"1"'})).status_code == 200
        assert (await one.get(path, headers={"If-None-Match": "x" * 1001})).status_code == 422
        with_session = await one.get(f"{path}?session_id=s-{uuid4()}", headers={"If-None-Match": tag})
        assert with_session.status_code == 200
        price = {"base": {"amount": 8000, "currency": "USD"}}
        await admin.put(f"/v1/offers/{offer['offer_id']}/price", json=price)

        async def is_shown_anew() -> bool:
            return bool((await two.get(path, headers={"If-None-Match": tag})).status_code == 200)

        await until(is_shown_anew)
        missing = await one.get("/v1/public/offers/no-such-offer", headers={"If-None-Match": "*"})
        assert missing.status_code == 404

    async def are_counted() -> bool:
        rows = await log.fetch(OF_OFFER, offer["offer_id"], COUNTED)
        return bool(sum(row["count"] for row in rows) >= 1 + 2 * len(conditions))

    await until(are_counted)


async def test_the_window_of_a_discount_shortens_the_life_in_caches_and_passes_by_the_clock(
    admin: httpx.AsyncClient, clock: Clock, log: asyncpg.Connection[asyncpg.Record]
) -> None:
    ends = datetime.now(UTC) + timedelta(minutes=10)
    price = {
        "base": {"amount": 9900, "currency": "USD"},
        "discount": {"amount": 7900, "currency": "USD"},
        "discount_ends_at": ends.isoformat(),
    }
    offer = await published(admin, price=price)
    path = f"/v1/public/offers/{offer['slug']}"
    shown = await admin.get(path)
    assert shown.json()["price"]["source"] == "discount"
    assert 0 < int(shown.headers["Cache-Control"].removeprefix("public, max-age=")) <= 600
    await clock.forward(timedelta(minutes=11))

    async def is_over() -> bool:
        return bool((await admin.get(path)).json()["price"]["current"] == 9900)

    await until(is_over)

    async def is_recorded() -> bool:
        query = "SELECT count(*) FROM log WHERE type = 'offer.price_changed' AND stream_id = $1"
        return bool(await log.fetchval(query, offer["offer_id"]) == 1)

    await until(is_recorded)


async def test_64_requests_of_one_session_are_64_views_one_variant_and_one_exposure(
    replicas: list[RunningService],
    admin: httpx.AsyncClient,
    log: asyncpg.Connection[asyncpg.Record],
) -> None:
    offer = await published(admin)
    experiment = await experiment_on(admin, offer["offer_id"])
    path = f"/v1/public/offers/{offer['slug']}?session_id=s-{uuid4()}"
    async with caller(replicas[0], "demo-storefront") as one, caller(replicas[1], "demo-storefront") as two:
        answers = await asyncio.gather(*((one, two)[it % 2].get(path) for it in range(AT_ONCE)))
    (shown,) = {it.json()["experiment"]["variant_id"] for it in answers}
    assert Counter(it.headers["Cache-Control"] for it in answers) == {"private, no-store": AT_ONCE}

    async def all_are_stored() -> bool:
        rows = await log.fetch(OF_OFFER, offer["offer_id"], COUNTED)
        return {row["type"]: row["count"] for row in rows} == {
            "offer.viewed": AT_ONCE,
            "offer.variant_selected": 1,
        }

    await until(all_are_stored)

    async def is_counted() -> bool:
        found = (await admin.get(f"/v1/offers/{offer['offer_id']}/experiments")).json()["items"]
        return [it["exposures"] for it in found[0]["variants"] if it["variant_id"] == shown] == [1]

    await until(is_counted)
    refused = await admin.delete(f"/v1/offers/{offer['offer_id']}/experiments/{experiment['experiment_id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "EXPERIMENT_RUNNING")


async def test_the_winner_is_shown_to_all_and_upsells_with_their_price(admin: httpx.AsyncClient) -> None:
    offer = await published(admin)
    experiment = await experiment_on(admin, offer["offer_id"])
    path = f"/v1/offers/{offer['offer_id']}"
    bump = {
        "product_id": str(await on_sale(admin)),
        "name": "CD",
        "discount": {"type": "percentage", "value": 10},
    }
    await admin.post(f"{path}/order-bumps", json=bump)
    winner = {"winner": experiment["variants"][1]["variant_id"]}
    await admin.post(f"{path}/experiments/{experiment['experiment_id']}/stop", json=winner)

    async def is_shown() -> bool:
        shown = (await admin.get(f"/v1/public/offers/{offer['slug']}")).json()
        upsells = [it["unit_price"] for it in shown["upsells"]]
        return (shown["name"], shown["price"]["base"], shown["experiment"], upsells) == (
            "Better kit",
            9500,
            None,
            [1799],
        )

    await until(is_shown)


async def test_an_upsell_is_not_shown_while_variants_of_its_product_are_sold_in_its_place(
    admin: httpx.AsyncClient,
) -> None:
    offer = await published(admin)
    shirt = await on_sale(admin, options={"size": ["S", "M"]})
    bump: dict[str, Any] = {"product_id": str(shirt), "name": "A shirt"}
    bump["discount"] = {"type": "percentage", "value": 10}
    assert (await admin.post(f"/v1/offers/{offer['offer_id']}/order-bumps", json=bump)).status_code == 201

    async def shown() -> list[str]:
        body = (await admin.get(f"/v1/public/offers/{offer['slug']}")).json()
        return [it["name"] for it in body["upsells"]]

    async def is_shown() -> bool:
        return await shown() == ["A shirt"]

    async def is_hidden() -> bool:
        return await shown() == []

    await until(is_shown)
    small = await on_sale(admin, variant_of=str(shirt), options={"size": "S"})
    await until(is_hidden)
    quoted = {"currency": "USD", "lines": [{"product_id": str(shirt), "quantity": 1}]}
    refused = await admin.post("/v1/quotes", json=quoted)
    assert (refused.status_code, refused.json()["code"]) == (404, "PRODUCT_NOT_FOUND")
    await admin.post(f"/v1/products/{small}/archive")
    await until(is_shown)
    assert (await admin.post("/v1/quotes", json=quoted)).status_code == 200
