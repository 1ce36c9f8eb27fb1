"""Certificates over HTTP: one for each line, seen by its code without a key until it is revoked."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import httpx
import pytest

from tests.integration.checkout_saga.fulfillment.buying import bought, sold
from tests.integration.checkout_saga.neighbours import Neighbours
from tests.support.single_service import RunningService


async def test_a_certificate_is_seen_by_its_code_until_its_order_is_cancelled(
    shop: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    rival: httpx.AsyncClient,
    service: RunningService,
    neighbours: Neighbours,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = await bought(sold(("certification", uuid4())), shop, neighbours, monkeypatch)
    path = f"/v1/certifications/{order['lines'][0]['fulfillment']['reference']}"
    assert (await admin.get(path)).json()["status"] == "enrolled"
    foreign = await rival.post(f"{path}/issue")
    assert (foreign.status_code, foreign.json()["code"]) == (404, "CERTIFICATE_NOT_FOUND")
    issued = await asyncio.gather(*(admin.post(f"{path}/issue") for _ in range(8)))
    assert {it.status_code for it in issued} == {200}
    (code,) = {it.json()["code"] for it in issued}

    async with httpx.AsyncClient(base_url=service.url, timeout=30) as anyone:
        seen = (await anyone.get(f"/v1/certificates/{code.lower()}")).json()
        assert (seen["valid"], seen["programme"], seen["code"]) == (True, "certification", code)
        assert order["customer_id"] not in str(seen)
        assert (await anyone.get(f"/v1/certificates/{code[:-1]}_")).status_code == 404
        await admin.post(f"/v1/orders/{order['order_id']}/cancel", json={"reason": "cheated"})
        assert (await anyone.get(f"/v1/certificates/{code}")).json()["valid"] is False
    listed = (await admin.get("/v1/certifications", params={"order_id": order["order_id"]})).json()["items"]
    assert [it["status"] for it in listed] == ["revoked"]
