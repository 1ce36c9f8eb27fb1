"""Orders that are handed over by hand or not at all, over HTTP: who completes them, and what they show."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from checkout_saga.customers.domain.customer import customer_stream_id
from checkout_saga.fulfillment.domain.enrollment import enrollment_id
from tests.integration.checkout_saga.conftest import caller
from tests.integration.checkout_saga.fulfillment.buying import SETTINGS, bought, results, sold
from tests.integration.checkout_saga.neighbours import Neighbours
from tests.support.single_service import RunningService


async def grants(neighbours: Neighbours, order: dict[str, Any], course: UUID) -> list[str]:
    customer = customer_stream_id("demo", order["customer_id"])
    return await neighbours.types(enrollment_id(customer, str(course)))


async def test_lines_by_hand_are_completed_one_by_one_and_taken_back_with_the_order(
    shop: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    neighbours: Neighbours,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    manual = {"fulfillment": {"service": "manual", "course": "manual"}}
    assert (await admin.put(SETTINGS, json=manual)).status_code == 200
    course = uuid4()
    sale = sold(("course", course), ("service", uuid4()), ("digital_product", uuid4()))

    order = await bought(sale, shop, neighbours, monkeypatch)

    assert (order["status"], results(order)) == ("partially_fulfilled", ["pending", "pending", "successful"])
    path = f"/v1/orders/{order['order_id']}/lines"
    teach, visit = (f"{path}/{it.line_id}/complete" for it in sale.lines[:2])
    assert await grants(neighbours, order, course) == []
    assert (await admin.post(teach, json={})).json()["status"] == "partially_fulfilled"
    assert await grants(neighbours, order, course) == ["enrollment.granted"]
    done = (await admin.post(visit, json={"reference": "visit 7"})).json()
    assert (done["status"], done["lines"][1]["fulfillment"]["reference"]) == ("fulfilled", "visit 7")
    again = await admin.post(visit, json={})
    assert (again.status_code, again.json()["code"]) == (409, "FULFILLMENT_NOT_POSSIBLE")
    missing = await admin.post(f"{path}/{uuid4()}/complete", json={})
    assert (missing.status_code, missing.json()["code"]) == (404, "LINE_NOT_FOUND")

    cancelled = await admin.post(f"/v1/orders/{order['order_id']}/cancel", json={"reason": "no time"})
    assert cancelled.json()["status"] == "cancelled"
    assert await grants(neighbours, order, course) == ["enrollment.granted", "enrollment.revoked"]


async def test_a_course_bought_by_two_orders_at_once_is_granted_once(
    shop: httpx.AsyncClient,
    service: RunningService,
    neighbours: Neighbours,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    course, person = uuid4(), {"customer": {"email": f"{uuid4().hex}@example.com"}}
    sale = sold(("course", course))

    orders = await asyncio.gather(*(bought(sale, shop, neighbours, monkeypatch, **person) for _ in range(4)))

    assert sorted(it["status"] for it in orders) == ["failed"] * 3 + ["fulfilled"]
    assert {it["lines"][0]["fulfillment"]["detail"] for it in orders} == {None, "ALREADY_ENROLLED"}
    assert await grants(neighbours, orders[0], course) == ["enrollment.granted"]
    failed = next(it for it in orders if it["status"] == "failed")
    path = f"/v1/orders/{failed['order_id']}/lines/{sale.lines[0].line_id}/fulfill"
    async with caller(service, "demo-ops") as ops:
        tried = await ops.post(path, json={"reason": "asked to"})
    assert (tried.status_code, tried.json()["status"]) == (200, "failed")


async def test_settings_are_an_admins_have_a_version_and_are_a_tenants_own(
    admin: httpx.AsyncClient, rival: httpx.AsyncClient, shop: httpx.AsyncClient
) -> None:
    before = (await admin.get(SETTINGS)).json()["version"]
    changed = await admin.put(SETTINGS, json={"on_fulfillment_failure": "refund"})
    assert (changed.status_code, changed.json()["version"]) == (200, before + 1)
    stale = await admin.put(SETTINGS, json={}, headers={"If-Match": f'"{before}"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "VERSION_CONFLICT")
    assert (await rival.get(SETTINGS)).json()["on_fulfillment_failure"] == "operator"
    assert (await shop.get(SETTINGS)).status_code == 403
    for wrong in ({"fulfillment": {"bundle": "manual"}}, {"fulfillment": {"air": "auto"}}, {"extra": 1}):
        refused = await admin.put(SETTINGS, json=wrong)
        assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_REQUEST"), refused.text
