"""Commands: versions, unique keys, and the metadata of each fact."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from tests.integration.kernel.http.callers import assert_problem, caller, facts_of
from tests.integration.kernel.http.conftest import Pool


async def test_a_command_returns_the_new_state_and_version(admin: httpx.AsyncClient, sku: str) -> None:
    created = await admin.post("/v1/products", json={"sku": sku, "name": "Mug"})
    path = f"/v1/products/{created.json()['product_id']}"
    changed = await admin.patch(path, json={"name": "Cup"}, headers={"If-Match": created.headers["etag"]})
    read = await admin.get(path)

    assert (changed.json()["name"], changed.json()["version"], changed.headers["etag"]) == ("Cup", 2, '"2"')
    assert read.json() == changed.json()
    assert read.headers["etag"] == '"2"'


@pytest.mark.parametrize("stale", ['"1"', '"3"', 'W/"2"', '"one", "two"'])
async def test_a_stale_version_is_refused_and_changes_nothing(
    admin: httpx.AsyncClient, sku: str, stale: str
) -> None:
    created = await admin.post("/v1/products", json={"sku": sku, "name": "Mug"})
    path = f"/v1/products/{created.json()['product_id']}"
    await admin.patch(path, json={"name": "Cup"})

    assert_problem(
        await admin.patch(path, json={"name": "Pot"}, headers={"If-Match": stale}), 412, "VERSION_CONFLICT"
    )
    assert (await admin.get(path)).json()["name"] == "Cup"


async def test_if_match_may_list_several_versions_or_a_star(admin: httpx.AsyncClient, sku: str) -> None:
    created = await admin.post("/v1/products", json={"sku": sku, "name": "Mug"})
    path = f"/v1/products/{created.json()['product_id']}"

    for matching in ('"7", "1"', "*"):
        changed = await admin.patch(path, json={"name": "Cup"}, headers={"If-Match": matching})
        assert changed.status_code == 200


async def test_a_version_of_a_new_product_is_stale(admin: httpx.AsyncClient, sku: str) -> None:
    body = {"sku": sku, "name": "Mug"}
    response = await admin.post("/v1/products", json=body, headers={"If-Match": '"1"'})

    assert_problem(response, 412, "VERSION_CONFLICT")


@pytest.mark.parametrize("version", ['"1"', "*"])
async def test_what_does_not_exist_is_not_found_whatever_its_version(
    admin: httpx.AsyncClient, version: str
) -> None:
    response = await admin.patch(
        f"/v1/products/{uuid4()}", json={"name": "Cup"}, headers={"If-Match": version}
    )

    assert_problem(response, 404, "PRODUCT_NOT_FOUND")


async def test_concurrent_commands_without_a_version_all_succeed(
    app: FastAPI, other_app: FastAPI, admin: httpx.AsyncClient, pool: Pool, sku: str
) -> None:
    created = await admin.post("/v1/products", json={"sku": sku, "name": "Mug"})
    path = f"/v1/products/{created.json()['product_id']}"
    clients = [caller(app, "demo-admin"), caller(other_app, "demo-admin")]

    changed = await asyncio.gather(
        *(clients[number % 2].patch(path, json={"name": f"Mug {number}"}) for number in range(10))
    )

    assert {it.status_code for it in changed} == {200}
    assert sorted(it.json()["version"] for it in changed) == list(range(2, 12))
    assert [it["version"] for it in await facts_of(pool, sku)] == list(range(1, 12))


async def test_of_concurrent_products_with_one_sku_one_is_created_and_the_others_are_refused(
    app: FastAPI, other_app: FastAPI, pool: Pool, sku: str
) -> None:
    clients = [caller(app, "demo-admin"), caller(other_app, "demo-admin")]
    answers = await asyncio.gather(
        *(clients[number % 2].post("/v1/products", json={"sku": sku, "name": "Mug"}) for number in range(16))
    )

    assert sorted(it.status_code for it in answers) == [201] + [409] * 15
    assert {it.json().get("code") for it in answers} == {None, "SKU_EXISTS"}
    assert len(await facts_of(pool, sku)) == 1


async def test_every_fact_has_tenant_actor_correlation_and_trace(app: FastAPI, pool: Pool, sku: str) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"X-Correlation-Id": f"chain-{sku}", "traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    async with caller(app, "rival-admin") as rival:
        response = await rival.post("/v1/products", json={"sku": sku, "name": "Mug"}, headers=headers)

    (fact,) = await facts_of(pool, sku)
    assert response.headers["x-correlation-id"] == fact["correlation_id"] == f"chain-{sku}"
    assert (fact["tenant"], fact["actor"]) == ("rival", "admin:admin")
    assert fact["traceparent"] == response.headers["traceparent"]
    assert trace in fact["traceparent"]
    assert fact["causation_id"]


async def test_a_service_may_date_facts_back(app: FastAPI, pool: Pool, sku: str) -> None:
    async with caller(app, "demo-service") as service:
        headers = {"Feira-Occurred-At": "1997-01-01T12:00:00+02:00"}
        await service.post("/v1/products", json={"sku": sku, "name": "Mug"}, headers=headers)

    (fact,) = await facts_of(pool, sku)
    assert fact["occurred_at"] == datetime(1997, 1, 1, 10, tzinfo=UTC)
    assert fact["recorded_at"].year > 2000


@pytest.mark.parametrize(
    ("key", "date", "status", "code"),
    [
        ("demo-admin", "1997-01-01T12:00:00Z", 403, "FORBIDDEN"),
        ("demo-service", "2999-01-01T12:00:00Z", 422, "INVALID_REQUEST"),
        ("demo-service", "1997-01-01T12:00:00", 422, "INVALID_REQUEST"),
        ("demo-service", "852076800", 422, "INVALID_REQUEST"),
        ("demo-service", "0001-01-01T00:00:00Z", 422, "INVALID_REQUEST"),
        ("demo-service", "1969-12-31T23:59:59.999999Z", 422, "INVALID_REQUEST"),
        ("demo-service", "9999-12-31T23:59:59.999999Z", 422, "INVALID_REQUEST"),
    ],
)
async def test_only_a_service_may_date_facts_and_only_back(
    app: FastAPI, pool: Pool, sku: str, key: str, date: str, status: int, code: str
) -> None:
    async with caller(app, key) as client:
        body = {"sku": sku, "name": "Mug"}
        response = await client.post("/v1/products", json=body, headers={"Feira-Occurred-At": date})

    assert_problem(response, status, code)
    assert not await facts_of(pool, sku)
