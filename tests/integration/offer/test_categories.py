"""Categories and collections over HTTP."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from tests.integration.offer.conftest import caller
from tests.support.single_service import RunningService


async def test_categories_are_listed_depth_first(replicas: list[RunningService]) -> None:
    async with caller(replicas[0], "rival-admin") as admin:
        top = f"top-{uuid4()}"
        for slug, body in (
            (top, {"name": "Top", "position": -5}),
            (f"{top}-b", {"name": "B", "parent": top}),
            (f"{top}-a", {"name": "A", "parent": top}),
            (f"{top}-a-1", {"name": "One", "parent": f"{top}-a", "metadata": {"icon": "cup"}}),
        ):
            created = await admin.put(f"/v1/categories/{slug}", json=body)
            assert created.status_code == 201, created.text
        first = (await admin.get("/v1/categories?limit=3")).json()
        rest = (await admin.get(f"/v1/categories?cursor={first['next_cursor']}")).json()
        slugs = [it["slug"] for it in (*first["items"], *rest["items"])]
        assert slugs[:4] == [top, f"{top}-a", f"{top}-a-1", f"{top}-b"]

        again = await admin.put(f"/v1/categories/{top}", json={"name": "Top", "position": -5})
        assert (again.status_code, again.json()["version"]) == (200, 1)
        cycle = await admin.put(f"/v1/categories/{top}", json={"name": "Top", "parent": f"{top}-a-1"})
        assert (cycle.status_code, cycle.json()["errors"][0]["pointer"]) == (422, "#/parent")
        assert (await admin.delete(f"/v1/categories/{top}-b")).status_code == 204
        gone = await admin.get(f"/v1/categories/{top}-b")
        assert (gone.status_code, gone.json()["code"]) == (404, "CATEGORY_NOT_FOUND")


async def test_collections_are_listed_by_position_and_name(admin: httpx.AsyncClient) -> None:
    slug = f"spring-{uuid4()}"
    created = await admin.put(f"/v1/collections/{slug}", json={"name": "Spring", "position": -7})
    assert (created.status_code, created.headers["ETag"]) == (201, '"1"')
    changed = await admin.put(
        f"/v1/collections/{slug}",
        json={"name": "Spring sale", "position": -7, "media": [{"url": "https://cdn.example.com/s.jpg"}]},
        headers={"If-Match": '"1"'},
    )
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert (await admin.get("/v1/collections?limit=1")).json()["items"] == [changed.json()]
    assert (await admin.delete(f"/v1/collections/{slug}")).status_code == 204
    gone = await admin.get(f"/v1/collections/{slug}")
    assert (gone.status_code, gone.json()["code"]) == (404, "COLLECTION_NOT_FOUND")


@pytest.mark.parametrize("slug", ["Spring", "a--b", "-a", "x" * 81])
async def test_a_slug_has_small_letters_and_digits(admin: httpx.AsyncClient, slug: str) -> None:
    assert (await admin.put(f"/v1/collections/{slug}", json={"name": "It"})).status_code == 422
    assert (await admin.get(f"/v1/collections/{slug}")).status_code == 404
