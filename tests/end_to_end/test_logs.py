"""Each line of a service's log says which program wrote it, and for whom."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from contracts.topology import STACK
from tests.end_to_end.shop_client import Shop
from tests.support.stack import RunningStack

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def lines(stack: RunningStack, service: str) -> list[dict[str, Any]]:
    return [json.loads(it) for it in stack.log(service).splitlines() if it.startswith("{")]


def test_a_read_leaves_a_line_with_tenant_role_key_and_route(shop: Shop, stack: RunningStack) -> None:
    correlation_id = str(uuid4())
    trace = {"traceparent": f"00-{TRACE}-{SPAN}-01", "X-Correlation-Id": correlation_id}
    response = shop.call("GET", "checkout-saga", "/v1/sagas", "ops", **trace)
    assert response.status_code == 200

    def line_of_the_read() -> dict[str, Any]:
        found = lines(stack, "checkout-saga")
        return next((it for it in found if it.get("correlation_id") == correlation_id), {})

    line = shop.until(line_of_the_read, bool)
    assert (line["event"], line["method"], line["route"]) == ("request", "GET", "/v1/sagas")
    assert (line["tenant"], line["role"], line["status"]) == ("demo", "ops", 200)
    assert (line["service"], line["process"], line["trace_id"]) == ("checkout-saga", "checkout-saga", TRACE)
    assert line["span_id"] == response.headers["traceparent"].split("-")[2]
    assert line["caller"]
    assert line["version"]


def test_every_line_names_its_service_and_version(stack: RunningStack) -> None:
    for service in (it.name for it in STACK):
        found = lines(stack, service)
        assert found
        assert {it["service"] for it in found} == {service}
        assert all(it["version"] and it["process"] for it in found)
