"""Commands are decided from cached aggregates; no response relies on a stale one."""

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
    """The path of a product that is a mug in this process's cache, and a cup in the log."""
    created = await admin.post("/v1/products", json={"sku": sku, "name": "Mug"})
    path = f"/v1/products/{created.json()['product_id']}"
    await elsewhere.patch(path, json={"name": "Cup"})
    return path


async def test_a_cached_aggregate_is_not_read_before_a_command(
    admin: httpx.AsyncClient, pool: Pool, sku: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = await admin.post("/v1/products", json={"sku": sku, "name": "Mug"})
    acquire, reads = pool.acquire_for_tenant, []

    @asynccontextmanager
    async def acquire_and_note(tenant: str) -> AsyncIterator[Any]:
        reads.append(tenant)
        async with acquire(tenant) as connection:
            yield connection

    monkeypatch.setattr(pool, "acquire_for_tenant", acquire_and_note)
    path = f"/v1/products/{created.json()['product_id']}"
    changed = await admin.patch(path, json={"name": "Cup"}, headers={"Idempotency-Key": sku})
    assert (changed.json()["version"], reads) == (2, [])
    assert (await admin.get(path)).json() == changed.json()
    assert reads == ["demo"]


async def test_a_change_decided_from_a_stale_copy_is_decided_again(
    admin: httpx.AsyncClient, pool: Pool, path: str, sku: str
) -> None:
    changed = await admin.patch(path, json={"name": "Pot"})

    assert (changed.json()["name"], changed.json()["version"]) == ("Pot", 3)
    assert [it["version"] for it in await facts_of(pool, sku)] == [1, 2, 3]


async def test_no_request_is_refused_because_of_a_stale_copy(admin: httpx.AsyncClient, path: str) -> None:
    changed = await admin.patch(path, json={"name": "Pot"}, headers={"If-Match": '"2"'})

    assert (changed.status_code, changed.json()["version"]) == (200, 3)


async def test_no_request_is_accepted_because_of_a_stale_copy(admin: httpx.AsyncClient, path: str) -> None:
    late = await admin.patch(path, json={"name": "Pot"}, headers={"If-Match": '"1"'})

    assert_problem(late, 412, "VERSION_CONFLICT")


async def test_no_change_is_omitted_because_of_a_stale_copy(admin: httpx.AsyncClient, path: str) -> None:
    """By the stale copy nothing would have to change."""
    changed = await admin.patch(path, json={"name": "Mug"})

    assert (changed.json()["name"], changed.json()["version"]) == ("Mug", 3)


@pytest.mark.parametrize("version", [{}, {"If-Match": '"2"'}])
async def test_a_repetition_in_another_process_gets_the_first_response_also_if_it_would_be_refused_now(
    admin: httpx.AsyncClient, elsewhere: httpx.AsyncClient, pool: Pool, path: str, sku: str, version: Any
) -> None:
    headers = {"Idempotency-Key": sku, **version}
    first = await elsewhere.patch(path, json={"name": "Pot"}, headers=headers)
    again = await admin.patch(path, json={"name": "Pot"}, headers=headers)
    other = await admin.patch(path, json={"name": "Pan"}, headers=headers)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert_problem(other, 422, "IDEMPOTENCY_KEY_REUSED")
    assert len(await facts_of(pool, sku)) == 3
