"""A card number anywhere in a request is refused, and neither returned nor logged nor stored."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.integration.kernel.http.callers import assert_problem, caller
from tests.integration.kernel.http.conftest import Pool

CARD = "4242-4242-4242-4242"
PRODUCT = {"sku": "x", "name": "Mug"}
IN_BODIES: list[tuple[dict[str, Any], str]] = [
    ({"sku": CARD, "name": "Mug"}, "#/sku"),
    ({"sku": "x", "name": f"Mug {CARD}"}, "#/name"),
    (PRODUCT | {"more": {"a": ["b", {"c": CARD}]}}, "#/more/a/1/c"),
    (PRODUCT | {CARD: 1}, "#"),
    (PRODUCT | {"more": "\uff14\uff12" * 8}, "#/more"),
]
IN_HEADERS = ["Idempotency-Key", "X-Correlation-Id"]


@pytest.mark.parametrize(("body", "pointer"), IN_BODIES)
@pytest.mark.parametrize("escaped", [True, False])
async def test_a_card_number_in_a_body_is_refused_with_its_pointer(
    app: FastAPI, body: dict[str, Any], pointer: str, escaped: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    async with caller(app, "demo-admin") as admin:
        raw = json.dumps(body, ensure_ascii=escaped).encode()
        refused = await admin.post("/v1/products", content=raw, headers={"Content-Type": "application/json"})

    assert_problem(refused, 422, "CARD_NUMBER_NOT_ALLOWED")
    assert [it["pointer"] for it in refused.json()["errors"]] == [pointer]
    _is_nowhere(refused, capsys.readouterr().out)


@pytest.mark.parametrize("name", IN_HEADERS)
async def test_a_card_number_in_a_stored_header_is_refused(
    app: FastAPI, pool: Pool, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with caller(app, "demo-admin") as admin:
        refused = await admin.post("/v1/products", json=PRODUCT, headers={name: f"order {CARD}"})

    assert_problem(refused, 422, "CARD_NUMBER_NOT_ALLOWED")
    assert refused.json()["errors"][0]["in"] == "header"
    _is_nowhere(refused, capsys.readouterr().out)
    stored = "SELECT count(*) FROM idempotency WHERE key LIKE '%4242%'"
    assert await pool.fetchval(stored) == 0


async def test_a_card_number_in_a_query_is_refused(app: FastAPI) -> None:
    async with caller(app, "demo-admin") as admin:
        refused = await admin.get("/v1/echoes", params={"word": "4242 4242 4242 4242", "times": 1})

    assert_problem(refused, 422, "CARD_NUMBER_NOT_ALLOWED")


async def test_ids_and_times_are_no_card_numbers(app: FastAPI, sku: str) -> None:
    headers = {
        "Idempotency-Key": f"{sku} 1732870000000",
        "X-Correlation-Id": "2026-11-29T20:00:25.123456+00:00",
    }
    async with caller(app, "demo-admin") as admin:
        made = await admin.post("/v1/products", json={"sku": sku, "name": "4006381333931"}, headers=headers)

    assert made.status_code == 201, made.text
    assert made.headers["X-Correlation-Id"] == headers["X-Correlation-Id"]


def _is_nowhere(refused: httpx.Response, logged: str) -> None:
    seen = refused.text + str(refused.headers) + logged
    assert "4242" not in seen
    assert "\uff14\uff12" not in seen


async def test_a_caller_without_a_key_learns_nothing_about_the_body(app: FastAPI) -> None:
    async with caller(app, "unknown") as stranger:
        refused = await stranger.post("/v1/products", json=PRODUCT | {"more": CARD})

    assert_problem(refused, 401, "UNAUTHENTICATED")
