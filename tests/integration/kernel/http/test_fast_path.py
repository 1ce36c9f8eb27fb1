"""Plain requests take the fast path; every other request gets the framework's response."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from kernel.http.fast_path import plan_of
from kernel.http.route_tables import router_of
from kernel.http.statuses import DEFAULTS
from tests.integration.kernel.http.callers import assert_problem, caller
from tests.integration.kernel.http.conftest import Pool
from tests.integration.kernel.http.shop import ROUTES, shop


@pytest.fixture
async def without_fast_path(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """The same shop, in which nothing takes the fast path."""
    monkeypatch.setattr("kernel.http.fast_path.plan_of", lambda _route: None)
    app = shop(pool)
    app.middleware_stack = app.build_middleware_stack()
    return app


def test_a_route_with_path_query_body_and_caller_has_a_plan() -> None:
    plans = {
        (method, it.path): plan_of(it) is not None
        for it in router_of(ROUTES, DEFAULTS).routes
        if isinstance(it, APIRoute)
        for method in it.methods or ()
    }

    assert plans == {
        ("POST", "/v1/products"): True,
        ("PATCH", "/v1/products/{product_id}"): True,
        ("GET", "/v1/products/{product_id}"): True,
        ("POST", "/v1/launches"): False,  # takes the request itself
        ("GET", "/v1/products"): False,  # takes a page
        ("GET", "/v1/echoes"): True,
        ("GET", "/v1/shelves"): False,  # the framework makes the response
        ("GET", "/v1/defects"): False,  # has neither a query nor a command
    }


async def test_a_plain_request_does_not_reach_the_framework(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, sku: str
) -> None:
    async with caller(app, "demo-admin") as admin:
        await admin.get("/livez")
        monkeypatch.setattr(app.router, "middleware_stack", _fails)
        key = {"Idempotency-Key": f"make {sku}"}
        created = await admin.post("/v1/products", json={"sku": sku, "name": "Mug"}, headers=key)
        shown = await admin.get(f"/v1/products/{created.json()['product_id']}")
        echoed = await admin.get("/v1/echoes?times=3&word=hey")

    assert (created.status_code, shown.status_code) == (201, 200)
    assert echoed.json() == {"said": "demo hey 3 None"}


async def _fails(*_: object) -> None:
    raise AssertionError("this request reached the framework")


UNUSUAL = [
    ("POST", "/v1/products", b"", {}),
    ("POST", "/v1/products", b"[]", {}),
    ("POST", "/v1/products", b"{", {}),
    ("POST", "/v1/products", b'{"sku": "a", "sku": "b", "name": "Mug"}', {}),
    ("POST", "/v1/products", b'{"sku": 1, "name": "Mug"}', {}),
    ("POST", "/v1/products", b'{"sku": "x", "name": "Mug", "more": 1}', {}),
    ("POST", "/v1/products", b'{"sku": "x", "name": "Mug"}', {"Authorization": "Bearer nobody"}),
    ("POST", "/v1/products", b'{"sku": "x", "name": "Mug"}', {"Authorization": "Basic demo-admin"}),
    ("POST", "/v1/products", b'{"sku": "x", "name": "Mug"}', {"Authorization": "Bearer demo-analyst"}),
    ("POST", "/v1/products", b"{", {"Authorization": "Bearer nobody"}),
    ("POST", "/v1/products", b'{"sku": "x", "name": "Mug"}', {"Idempotency-Key": "x" * 256}),
    ("POST", "/v1/products", b'{"sku": "x", "name": "Mug"}', {"Idempotency-Key": ""}),
    ("POST", "/v1/products", b'{"sku": "x", "name": "Mug"}', {"If-Match": "x" * 1001}),
    ("POST", "/v1/products", b'{"sku": "x", "name": "Mug"}', {"Feira-Occurred-At": "yesterday"}),
    ("GET", "/v1/products/none", b"", {}),
    ("GET", "/v1/products/00000000-0000-7000-8000-000000000001", b"", {}),
    ("PUT", "/v1/products/none", b"{}", {}),
    ("GET", "/v1/nothing", b"", {}),
]


@pytest.mark.parametrize(("method", "path", "body", "headers"), UNUSUAL)
async def test_an_unusual_request_gets_the_same_response_on_both_paths(
    app: FastAPI, without_fast_path: FastAPI, method: str, path: str, body: bytes, headers: dict[str, str]
) -> None:
    sent = {"Content-Type": "application/json", "X-Correlation-Id": "chain"} | headers
    async with (
        caller(app, "demo-admin") as fast_client,
        caller(without_fast_path, "demo-admin") as slow_client,
    ):
        fast = await fast_client.request(method, path, content=body, headers=sent)
        slow = await slow_client.request(method, path, content=body, headers=sent)

    assert_problem(fast, slow.status_code, slow.json()["code"])
    assert fast.content == slow.content
    assert _compared_headers(fast) == _compared_headers(slow)


QUERIES = [
    *(
        "word=hey",
        "word=hey&times=0",
        "times=10&loud=yes&word=x",
        "word=hey&word=ho",
        "word=",
        "word",
        "",
        "&",
    ),
    *(
        "times=3",
        "word=hey&times=11",
        "word=hey&times=x",
        "word=longer",
        "word=h%65y",
        "word=h+y",
        "word=h;y",
    ),
    *("word=hey&", "word=hey&more=1", "word=hey&loud=perhaps", "word=hey&times=1_0", "word=a=b", "Word=hey"),
]


@pytest.mark.parametrize("query", QUERIES)
async def test_a_query_gets_the_same_response_on_both_paths(
    app: FastAPI, without_fast_path: FastAPI, query: str
) -> None:
    sent = {"X-Correlation-Id": "chain"}
    async with (
        caller(app, "demo-admin") as fast_client,
        caller(without_fast_path, "demo-admin") as slow_client,
    ):
        fast = await fast_client.get(f"/v1/echoes?{query}", headers=sent)
        slow = await slow_client.get(f"/v1/echoes?{query}", headers=sent)

    assert (fast.status_code, fast.content, _compared_headers(fast)) == (
        slow.status_code,
        slow.content,
        _compared_headers(slow),
    )
    assert fast.status_code in {200, 422}


def _compared_headers(response: httpx.Response) -> dict[str, str]:
    return {name: it for name, it in response.headers.items() if name != "traceparent"}


@pytest.mark.parametrize(
    ("query", "fields"),
    [("word=hey&more=1", ["#/more"]), ("word=hey&word=ho", ["#/word"]), ("word=a&b=&c=1", ["#/b", "#/c"])],
)
async def test_unknown_and_repeated_parameters_are_refused(
    app: FastAPI, query: str, fields: list[str]
) -> None:
    async with caller(app, "demo-admin") as admin:
        refused = await admin.get(f"/v1/echoes?{query}")

    assert_problem(refused, 422, "INVALID_REQUEST")
    assert [(it["pointer"], it["in"]) for it in refused.json()["errors"]] == [
        (pointer, "query") for pointer in fields
    ]
