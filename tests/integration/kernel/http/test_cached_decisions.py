"""A write is decided by what its process remembers; nobody is told what the log does not bear out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.integration.kernel.http.callers import assert_problem, caller, facts_of
from tests.integration.kernel.http.conftest import Pool


@pytest.fixture
async def elsewhere(other_app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with caller(other_app, "demo-admin") as client:
        yield client


@pytest.fixture
async def path(admin: httpx.AsyncClient, elsewhere: httpx.AsyncClient, sku: str) -> str:
    """Of a product that is a mug to those who remember it here, and a cup by the log."""
    created = await admin.post("/v1/products", json={"sku": sku, "name": "Mug"})
    path = f"/v1/products/{created.json()['product_id']}"
    await elsewhere.patch(path, json={"name": "Cup"})
    return path


async def test_what_is_remembered_is_not_read_before_a_write(
    admin: httpx.AsyncClient, pool: Pool, sku: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = await admin.post("/v1/products", json={"sku": sku, "name": "Mug"})
    reading, read = pool.acquire_for_tenant, []

    @asynccontextmanager
    async def noted(tenant: str) -> AsyncIterator[Any]:
        read.append(tenant)
        async with reading(tenant) as connection:
            yield connection

    monkeypatch.setattr(pool, "acquire_for_tenant", noted)
    path = f"/v1/products/{created.json()['product_id']}"
    changed = await admin.patch(path, json={"name": "Cup"}, headers={"Idempotency-Key": sku})
    assert (changed.json()["version"], read) == (2, [])
    assert (await admin.get(path)).json() == changed.json()
    assert read == ["demo"]


async def test_a_change_by_an_old_copy_is_decided_again(
    admin: httpx.AsyncClient, pool: Pool, path: str, sku: str
) -> None:
    changed = await admin.patch(path, json={"name": "Pot"})

    assert (changed.json()["name"], changed.json()["version"]) == ("Pot", 3)
    assert [it["version"] for it in await facts_of(pool, sku)] == [1, 2, 3]


async def test_nothing_is_refused_because_of_an_old_copy(admin: httpx.AsyncClient, path: str) -> None:
    changed = await admin.patch(path, json={"name": "Pot"}, headers={"If-Match": '"2"'})

    assert (changed.status_code, changed.json()["version"]) == (200, 3)


async def test_nothing_is_allowed_because_of_an_old_copy(admin: httpx.AsyncClient, path: str) -> None:
    late = await admin.patch(path, json={"name": "Pot"}, headers={"If-Match": '"1"'})

    assert_problem(late, 412, "VERSION_CONFLICT")


async def test_nothing_is_left_as_it_is_because_of_an_old_copy(admin: httpx.AsyncClient, path: str) -> None:
    """By the old copy there would be nothing to do."""
    changed = await admin.patch(path, json={"name": "Mug"})

    assert (changed.json()["name"], changed.json()["version"]) == ("Mug", 3)


@pytest.mark.parametrize("told", [{}, {"If-Match": '"2"'}])
async def test_a_repetition_that_comes_elsewhere_and_would_be_refused_by_now_gets_the_first_answer(
    admin: httpx.AsyncClient, elsewhere: httpx.AsyncClient, pool: Pool, path: str, sku: str, told: Any
) -> None:
    asked = {"Idempotency-Key": sku, **told}
    first = await elsewhere.patch(path, json={"name": "Pot"}, headers=asked)
    again = await admin.patch(path, json={"name": "Pot"}, headers=asked)
    other = await admin.patch(path, json={"name": "Pan"}, headers=asked)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert_problem(other, 422, "IDEMPOTENCY_KEY_REUSED")
    assert len(await facts_of(pool, sku)) == 3
