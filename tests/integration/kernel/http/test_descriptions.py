"""The descriptions that a service gives of its interfaces."""

from __future__ import annotations

import httpx
from fastapi import FastAPI

from kernel.http.problems import MEDIA_TYPE
from tests.integration.kernel.http.callers import caller

OPEN = ("/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/asyncapi.json")


async def test_probes_and_descriptions_need_no_key(app: FastAPI) -> None:
    async with caller(app, None) as stranger:
        assert {path: (await stranger.get(path)).status_code for path in OPEN} == dict.fromkeys(OPEN, 200)


async def test_every_possible_refusal_is_described(admin: httpx.AsyncClient) -> None:
    paths = (await admin.get("/openapi.json")).json()["paths"]
    create, read, launch = (
        paths["/v1/products"]["post"],
        paths["/v1/products/{product_id}"]["get"],
        paths["/v1/launches"]["post"],
    )

    everywhere = {"401", "403", "422", "503"}
    writes = everywhere | {"408", "409", "412", "413", "415"}
    assert set(create["responses"]) == writes | {"201"}
    assert set(launch["responses"]) == writes | {"202", "400"}
    assert set(read["responses"]) == everywhere | {"200", "404"}
    assert create["responses"]["409"]["description"] == "SKU_EXISTS, REQUEST_IN_PROGRESS"
    assert create["security"]
    for status, response in create["responses"].items():
        assert (MEDIA_TYPE in response["content"]) == (status >= "400")


async def test_the_metrics_count_requests_by_their_status(admin: httpx.AsyncClient) -> None:
    await admin.get("/v1/products/none")
    figures = (await admin.get("/metrics")).text

    route = 'method="GET",route="/v1/products/{product_id}",status="404"'
    assert f"feira_http_request_seconds_count{{{route}}}" in figures
