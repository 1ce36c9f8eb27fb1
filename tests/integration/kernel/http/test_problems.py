"""Every invalid request gets problem details with the right status, and never a 5xx."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from kernel.parsing import MAX_JSON_BYTES
from tests.integration.kernel.http.callers import assert_problem, caller
from tests.integration.kernel.http.conftest import Pool

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/sku"),
        ({"sku": 1, "name": "Mug"}, "#/sku"),
        ({"sku": "", "name": "Mug"}, "#/sku"),
        ({"sku": "x" * 201, "name": "Mug"}, "#/sku"),
        ({"sku": "bell\x07", "name": "Mug"}, "#/sku"),
        ({"sku": "turned\u202eround", "name": "Mug"}, "#/sku"),
        ({"sku": "a", "name": None}, "#/name"),
        ({"sku": "a", "name": "Mug", "nmae": "Mug"}, "#/nmae"),
        ({"sku": "a", "name": "Mug", "a/b~c": 1}, "#/a~1b~0c"),
        ({"sku": "a", "name": "Mug", "price": {"amount": True, "currency": "USD"}}, "#/price/amount"),
        ({"sku": "a", "name": "Mug", "price": {"amount": "1", "currency": "USD"}}, "#/price/amount"),
        ({"sku": "a", "name": "Mug", "price": {"amount": 1.5, "currency": "USD"}}, "#/price/amount"),
        ({"sku": "a", "name": "Mug", "price": {"amount": 1, "currency": "usd"}}, "#/price/currency"),
        ({"sku": "a", "name": "Mug", "price": {"amount": 1, "currency": "USD\n"}}, "#/price/currency"),
        ([], "#"),
        ("text", "#"),
        (None, "#"),
    ],
)
async def test_problem_details_name_the_field_at_fault(
    admin: httpx.AsyncClient, body: Any, pointer: str
) -> None:
    response = await admin.post("/v1/products", json=body)

    assert_problem(response, 422, "INVALID_REQUEST")
    assert pointer in [it["pointer"] for it in response.json()["errors"]]


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"\xff",
        b'\xef\xbb\xbf{"sku": "a", "name": "b"}',
        '{"sku": "a", "name": "b"}'.encode("utf-16"),
        b'{"sku": "a", "sku": "b", "name": "c"}',
        b'{"sku": "\\u0000", "name": "c"}',
        b'{"sku": "\\ud800", "name": "c"}',
        b'{"sku": NaN, "name": "c"}',
        b'{"sku": 1e999, "name": "c"}',
        b"[" * 100_000,
        b'{"sku": ' + b"9" * 5_000 + b', "name": "c"}',
    ],
    ids=lambda it: repr(it[:30]),
)
async def test_ambiguous_or_invalid_json_is_refused(admin: httpx.AsyncClient, raw: bytes) -> None:
    assert_problem(await admin.post("/v1/products", content=raw, headers=JSON), 422, "INVALID_REQUEST")


async def test_problem_details_do_not_repeat_the_request(admin: httpx.AsyncClient) -> None:
    body = {"sku": ["tok_4242424242424243"], "name": "x" * 300, "price": {"amount": "tok_secret"}}
    response = await admin.post("/v1/products", json=body)

    assert_problem(response, 422, "INVALID_REQUEST")
    assert "tok_" not in response.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json; charset=utf-16"},
        {**JSON, "Content-Encoding": "gzip"},
    ],
)
async def test_a_body_that_is_not_plain_json_is_refused(
    admin: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    response = await admin.post("/v1/products", content=b'{"sku": "a", "name": "b"}', headers=headers)

    assert_problem(response, 415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_body_without_end_is_cut_off(admin: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while True:
            sent += 1024
            yield b" " * 1024

    chunked = await admin.post("/v1/products", content=endless(), headers=JSON)
    announced = await admin.post("/v1/products", content=b" " * (MAX_JSON_BYTES + 1), headers=JSON)

    assert_problem(chunked, 413, "PAYLOAD_TOO_LARGE")
    assert_problem(announced, 413, "PAYLOAD_TOO_LARGE")
    assert sent <= MAX_JSON_BYTES + 2048


async def test_unknown_paths_and_methods_have_their_own_codes(admin: httpx.AsyncClient) -> None:
    assert_problem(await admin.get("/v1/nothing"), 404, "NOT_FOUND")
    assert_problem(await admin.get("/v1/products/a%00b"), 404, "NOT_FOUND")
    assert_problem(await admin.get("/v1/products/%ed%a0%80"), 404, "NOT_FOUND")
    assert_problem(await admin.get("/v1/products?cursor=%00"), 422, "INVALID_REQUEST")
    refused = await admin.put("/v1/products/1")
    assert_problem(refused, 405, "METHOD_NOT_ALLOWED")
    assert refused.headers["allow"] == "GET, PATCH"


@pytest.mark.parametrize("given", ["", "x" * 129, "with space", "caf\xe9"])
async def test_a_correlation_id_that_may_not_stand_in_logs_is_replaced(
    admin: httpx.AsyncClient, given: str
) -> None:
    headers = {b"X-Correlation-Id": given.encode("latin-1")}
    response = await admin.get("/v1/nothing", headers=headers)

    assert response.headers["x-correlation-id"] == response.json()["correlation_id"] != given


async def test_a_defect_is_answered_without_its_details(admin: httpx.AsyncClient) -> None:
    response = await admin.get("/v1/defects")

    assert_problem(response, 500, "INTERNAL_ERROR")
    assert "defect of this service" not in response.text


async def test_without_its_database_the_service_is_unavailable_but_alive(app: FastAPI, pool: Pool) -> None:
    async with caller(app, "demo-admin") as admin:
        await pool.close()

        response = await admin.get("/v1/products")
        assert_problem(response, 503, "UNAVAILABLE")
        assert response.headers["retry-after"]
        assert (await admin.get("/readyz")).json()["missing"] == ["database"]
        assert (await admin.get("/livez")).status_code == 200


async def test_a_list_is_read_page_by_page(admin: httpx.AsyncClient, sku: str) -> None:
    created = {f"{sku}-{number}" for number in range(5)}
    for created_sku in created:
        await admin.post("/v1/products", json={"sku": created_sku, "name": "Mug"})

    found: list[str] = []
    cursor: str | None = None
    while cursor is not None or not found:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await admin.get("/v1/products", params=query)).json()
        found += [it["sku"] for it in page["items"]]
        cursor = page["next_cursor"]

    assert found == sorted(found)
    assert len(found) == len(set(found))
    assert created <= set(found)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "cursor=%F0", "cursor=e30", "cursor=WzFd"]
)
async def test_invalid_paging_parameters_are_refused(admin: httpx.AsyncClient, query: str) -> None:
    assert_problem(await admin.get(f"/v1/products?{query}"), 422, "INVALID_REQUEST")


async def test_an_unsupported_field_is_refused_unless_it_has_its_default(
    admin: httpx.AsyncClient, sku: str
) -> None:
    product = {"sku": sku, "name": "Mug"}
    refused = await admin.post("/v1/products", json=product | {"colour": "blue"})
    both = await admin.post("/v1/products", json=product | {"colour": "blue", "name": ""})
    taken = await admin.post("/v1/products", json=product | {"colour": None})

    assert_problem(refused, 422, "NOT_SUPPORTED")
    assert [it["pointer"] for it in refused.json()["errors"]] == ["#/colour"]
    assert_problem(both, 422, "INVALID_REQUEST")
    assert taken.status_code == 201
