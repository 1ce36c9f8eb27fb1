"""Lists by unique keys: pages, prefixes and filters; and what is not found."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI

from tests.integration.kernel.http.callers import assert_problem, caller


async def create_five(admin: httpx.AsyncClient, prefix: str) -> None:
    for number in range(5):
        body = {"sku": f"{prefix}-{number}", "name": "odd" if number % 2 else "even"}
        assert (await admin.post("/v1/products", json=body)).status_code == 201


async def pages(admin: httpx.AsyncClient, **query: Any) -> list[list[str]]:
    """The last characters of the SKUs on each page."""
    found, cursor = [], None
    while True:
        given = query | ({"cursor": cursor} if cursor else {})
        page = (await admin.get("/v1/products", params=given)).json()
        found.append([it["sku"][-1] for it in page["items"]])
        cursor = page["next_cursor"]
        if cursor is None:
            return found


async def test_a_list_shows_the_keys_with_its_prefix_in_their_order(
    admin: httpx.AsyncClient, sku: str
) -> None:
    await create_five(admin, sku)
    await create_five(admin, f"other-{sku}")

    assert await pages(admin, prefix=sku, limit=2) == [["0", "1"], ["2", "3"], ["4"]]


async def test_a_filter_leaves_out_rows_and_no_page(admin: httpx.AsyncClient, sku: str) -> None:
    await create_five(admin, sku)

    assert await pages(admin, prefix=sku, limit=2, named="odd") == [["1"], ["3"], []]


async def test_a_list_shows_only_the_tenants_own(app: FastAPI, admin: httpx.AsyncClient, sku: str) -> None:
    await create_five(admin, sku)

    async with caller(app, "rival-admin") as rival:
        assert await pages(rival, prefix=sku) == [[]]


async def test_what_is_missing_is_not_found_whatever_its_version(admin: httpx.AsyncClient) -> None:
    missing = f"/v1/products/{uuid4()}"

    for if_match in ("*", '"1"'):
        refused = await admin.patch(missing, json={"name": "Cup"}, headers={"If-Match": if_match})
        assert_problem(refused, 404, "PRODUCT_NOT_FOUND")
