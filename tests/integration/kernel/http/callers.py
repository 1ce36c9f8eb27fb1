"""Clients of the small service, through its ASGI interface, and assertions on their responses."""

from __future__ import annotations

import asyncpg
import httpx
from fastapi import FastAPI


def caller(app: FastAPI, key: str | None) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop", headers=headers)


def assert_problem(response: httpx.Response, status: int, code: str) -> None:
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status
    assert response.json()["correlation_id"]


async def facts_of(pool: asyncpg.Pool[asyncpg.Record], sku: str) -> list[asyncpg.Record]:
    """All facts about products with this SKU, oldest first."""
    pattern = f'%"sku":"{sku}"%'
    return await pool.fetch(
        "SELECT * FROM log WHERE convert_from(body, 'UTF8') LIKE $1 ORDER BY position", pattern
    )
