"""Authentication and roles, and what another tenant can see."""

from __future__ import annotations

from hashlib import sha256
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from kernel.http.auth import REFRESH_AFTER_MISS_SECONDS, REFRESH_SECONDS, KeyRing, Principal
from tests.integration.kernel.http.callers import assert_problem, caller
from tests.integration.kernel.http.conftest import Pool

SOMETHING = f"/v1/products/{uuid4()}"


@pytest.mark.parametrize(
    "credentials", [None, "Bearer nobody", "Bearer ", "Basic demo-admin", "demo-admin", "Bearer caf\xe9"]
)
async def test_a_request_without_a_valid_key_is_refused(app: FastAPI, credentials: str | None) -> None:
    headers = {} if credentials is None else {b"Authorization": credentials.encode("latin-1")}
    async with caller(app, None) as client:
        response = await client.get(SOMETHING, headers=headers)

    assert_problem(response, 401, "UNAUTHENTICATED")
    assert response.headers["www-authenticate"] == "Bearer"


async def test_a_role_permits_only_its_own_operations(app: FastAPI, sku: str) -> None:
    async with caller(app, "demo-analyst") as analyst, caller(app, "demo-storefront") as storefront:
        assert_problem(await analyst.get(SOMETHING), 403, "FORBIDDEN")
        response = await storefront.post("/v1/products", json={"sku": sku, "name": "Mug"})
        assert_problem(response, 403, "FORBIDDEN")
        assert_problem(await storefront.get(SOMETHING), 404, "PRODUCT_NOT_FOUND")


async def test_a_caller_without_a_key_does_not_learn_what_is_wrong_with_the_request(app: FastAPI) -> None:
    async with caller(app, None) as stranger:
        assert_problem(await stranger.post("/v1/products", json={"x": 1}), 401, "UNAUTHENTICATED")


async def test_a_product_of_another_tenant_looks_like_a_missing_one(
    admin: httpx.AsyncClient, app: FastAPI, sku: str
) -> None:
    created = await admin.post("/v1/products", json={"sku": sku, "name": "Mug"})
    ours = f"/v1/products/{created.json()['product_id']}"
    responses = []
    async with caller(app, "rival-admin") as rival:
        for path in (ours, SOMETHING, "/v1/products/no-id-at-all", "/v1/products/%F0%9F%92%A9"):
            response = await rival.get(path, headers={"X-Correlation-Id": "same"})
            responses.append((response.status_code, response.content))
        assert_problem(await rival.patch(ours, json={"name": "Ours now"}), 404, "PRODUCT_NOT_FOUND")

    assert len(set(responses)) == 1
    assert responses[0][0] == 404


async def test_a_new_key_works_and_a_revoked_one_stops_working_within_seconds(
    pool: Pool, owner_url: str
) -> None:
    now = 0.0
    keys = KeyRing(pool, lambda: now)
    owner = await asyncpg.connect(owner_url)
    digest = sha256(b"fresh").hexdigest()
    assert await keys.find("fresh") is None

    await owner.execute("INSERT INTO api_keys VALUES ($1, 'demo', 'ops', 'on call')", digest)
    assert await keys.find("fresh") is None, "the table is read at most once a second"
    now += REFRESH_AFTER_MISS_SECONDS + 0.1
    assert await keys.find("fresh") == Principal("demo", "ops", "on call")

    await owner.execute("UPDATE api_keys SET revoked_at = now() WHERE key_hash = $1", digest)
    now += REFRESH_SECONDS + 0.1
    assert await keys.find("fresh") is None
    await owner.close()


async def test_a_replaced_key_works_until_it_expires(pool: Pool, owner_url: str) -> None:
    now = 0.0
    keys = KeyRing(pool, lambda: now)
    owner = await asyncpg.connect(owner_url)
    for key, ends_in in (("going", "1 hour"), ("gone", "-1 second")):
        await owner.execute(
            "INSERT INTO api_keys (key_hash, tenant, role, name, expires_at)"
            " VALUES ($1, 'demo', 'ops', 'on call', now() + $2::text::interval)",
            sha256(key.encode()).hexdigest(),
            ends_in,
        )
    assert await keys.find("going") == Principal("demo", "ops", "on call")
    assert await keys.find("gone") is None

    await owner.execute(
        "UPDATE api_keys SET expires_at = now() WHERE key_hash = $1", sha256(b"going").hexdigest()
    )
    now += REFRESH_SECONDS + 0.1
    assert await keys.find("going") is None
    await owner.close()


async def test_a_hash_with_the_same_prefix_is_another_key(pool: Pool, owner_url: str) -> None:
    digest = sha256(b"twin").hexdigest()
    twin = digest[:-1] + ("0" if digest[-1] != "0" else "1")
    owner = await asyncpg.connect(owner_url)
    # no test lists the keys of this tenant
    await owner.execute("INSERT INTO api_keys VALUES ($1, 'twins', 'ops', 'twin')", twin)
    assert await KeyRing(pool).find("twin") is None

    await owner.execute("INSERT INTO api_keys VALUES ($1, 'demo', 'ops', 'twin')", digest)
    assert await KeyRing(pool).find("twin") == Principal("demo", "ops", "twin")
    await owner.close()
